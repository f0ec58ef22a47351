/** @file Puts a grid with a played model on the page; tests reach both through `window`. */
import {mountGrid} from "/grid/grid.js";
import {PlayedModel} from "/model.js";

const TABLE = {
  key: "big",
  version: 1,
  rows: 50257,
  columns: 768,
  row_axis: "vocabulary",
  column_axis: "embed",
  largest: 0.5,
  share: false,
  editable: true,
  compare: false,
};

/** Show a table; what is not told is as in a 50,257 x 768 one of editable numbers. */
window.show = ({table = {}, mode = "numbers", prepare = () => {}} = {}) => {
  window.grid?.destroy();
  const model = new PlayedModel({table: {...TABLE, ...table}, mode, selected: null, reveal: null});
  prepare(model);
  window.model = model;
  window.grid = mountGrid(document.querySelector("#place"), model);
};
