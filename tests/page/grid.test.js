// The grid's arithmetic: where cells are, how numbers are written, what keys and selections do.
import assert from "node:assert/strict";
import {test} from "node:test";
import {Geometry, WIDE, clamp, fittingStep} from "../../src/cutaway/studio/static/grid/geometry.js";
import {destination} from "../../src/cutaway/studio/static/grid/keyboard.js";
import {exact, numberWriter} from "../../src/cutaway/studio/static/grid/numbers.js";
import {Order, nextSort} from "../../src/cutaway/studio/static/grid/order.js";
import {Selection} from "../../src/cutaway/studio/static/grid/selection.js";
import {Tiles} from "../../src/cutaway/studio/static/grid/tiles.js";
import {ordinal} from "../../src/cutaway/studio/static/grid/words.js";

const KINDS = {row: {words: false, ids: false}, column: {words: false, ids: false}};
const VIEW = {width: 800, height: 400};
const geometryOf = (rows, columns, step = "numbers") =>
  new Geometry({rows, columns}, step, KINDS, VIEW);

test("a cell that is brought into view is in the window", () => {
  const geometry = geometryOf(50_257, 3072);
  for (const [row, column] of [
    [0, 0],
    [25_000, 1500],
    [50_256, 3071],
  ]) {
    const {x, y} = geometry.reach(row, column, 0, 0);
    const seen = geometry.window(x, y);
    assert.ok(seen.row <= row && row < seen.rowEnd, `row ${row}`);
    assert.ok(seen.column <= column && column < seen.columnEnd, `column ${column}`);
  }
});

test("the cell at a cell's own corner is that cell, however far the grid is scrolled", () => {
  const geometry = geometryOf(1000, 1000);
  for (const [x, y] of [
    [0, 0],
    [333, 4567],
  ]) {
    const at = geometry.at(geometry.left(40, x) + 1, geometry.top(300, y) + 1, x, y);
    assert.deepEqual({row: at.row, column: at.column}, {row: 300, column: 40});
  }
});

test("headers, the corner and the empty space beyond a small table are told apart", () => {
  const geometry = geometryOf(3, 3);
  assert.equal(geometry.at(1, 1, 0, 0).part, "corner");
  assert.equal(geometry.at(1, geometry.headerHeight + 1, 0, 0).part, "row");
  assert.equal(geometry.at(geometry.headerWidth + 1, 1, 0, 0).part, "column");
  assert.equal(geometry.at(790, 390, 0, 0).part, "outside");
});

test("a table higher than a browser draws still scrolls to its last row", () => {
  const geometry = geometryOf(2_000_000, 2);
  const lowest = (geometry.spacerHeight - VIEW.height) * geometry.ratioY;
  assert.equal(geometry.window(0, lowest).rowEnd, 2_000_000);
});

test("a heat map begins with cells that show the whole table, at least 14 pixels", () => {
  assert.equal(fittingStep({rows: 5, columns: 5}, VIEW), 5);
  assert.equal(fittingStep({rows: 20, columns: 20}, VIEW), 2);
  assert.equal(fittingStep({rows: 5000, columns: 5000}, VIEW), 2);
});

test("a number is held between two others", () => {
  assert.deepEqual([clamp(-1, 0, 9), clamp(4, 0, 9), clamp(10, 0, 9)], [0, 4, 9]);
});

test("exact writes the shortest text that float32 reads back as the same number", () => {
  for (const number of [0.1, -1 / 3, 1e-7, 16_777_216, 3.4e38]) {
    const value = Math.fround(number);
    assert.equal(Math.fround(Number(exact(value).replace("−", "-"))), value);
  }
  assert.equal(exact(Math.fround(0.1)), "0.1");
});

test("whole numbers have no decimals, and small ones have four", () => {
  assert.equal(numberWriter({largest: 50_256, whole: true})(318), "318");
  assert.equal(numberWriter({largest: 1})(0.25), "0.2500");
});

test("keys move one cell, to an edge with Ctrl, and never out of the table", () => {
  const table = {rows: 10, columns: 5, page: 4};
  const press = (key, more = {}) => ({key, ctrlKey: false, metaKey: false, altKey: false, ...more});
  const from = {row: 3, column: 2};
  assert.deepEqual(destination(press("ArrowDown"), from, table), {row: 4, column: 2});
  assert.deepEqual(destination(press("ArrowUp", {ctrlKey: true}), from, table), {
    row: 0,
    column: 2,
  });
  assert.deepEqual(destination(press("PageUp"), from, table), {row: 0, column: 2});
  assert.deepEqual(destination(press("End", {ctrlKey: true}), from, table), {row: 9, column: 4});
  assert.equal(destination(press("x"), from, table), undefined);
});

/** A model as anywidget gives it, as far as a selection needs one. */
function modelOf(selected = null) {
  const values = {selected};
  return {
    get: (name) => values[name],
    set: (name, value) => (values[name] = value),
    save_changes() {},
  };
}

test("a selection that was drawn backwards is the same range", () => {
  const model = modelOf();
  const selection = new Selection(model, () => {});
  selection.set({row: 5, column: 7}, {row: 2, column: 3});
  assert.deepEqual(selection.range(), {row: 2, rowEnd: 6, column: 3, columnEnd: 8});
  assert.deepEqual(model.get("selected"), {row: 2, column: 3, row_end: 5, column_end: 7});
});

test("a selection outside of a table that became smaller lies at its edge", () => {
  const selection = new Selection(modelOf(), () => {});
  selection.set({row: 9, column: 9});
  selection.clip({rows: 4, columns: 2});
  assert.deepEqual(selection.range(), {row: 3, rowEnd: 4, column: 1, columnEnd: 2});
});

test("a column sorts ascending, then descending, then not at all; another begins anew", () => {
  const sorts = [nextSort(null, 3)];
  sorts.push(nextSort(sorts[0], 3), nextSort({column: 3, descending: true}, 3));
  assert.deepEqual(sorts, [{column: 3, descending: false}, {column: 3, descending: true}, null]);
  assert.deepEqual(nextSort(sorts[1], 5), {column: 5, descending: false});
});

test("in a sorted table the model hears of the table's rows, and the screen shows where they are", () => {
  const model = modelOf();
  const selection = new Selection(model, () => {});
  selection.order = new Order({column: 0, descending: true}, [2, 0, 3, 1]);
  selection.read({rows: 4, columns: 5});
  selection.set({row: 2, column: 1}, {row: 2, column: 4});
  assert.deepEqual(model.get("selected"), {row: 3, row_end: 3, column: 1, column_end: 4});
  model.set("selected", {row: 1, row_end: 1, column: 2, column_end: 2});
  selection.read({rows: 4, columns: 5});
  assert.deepEqual(selection.anchor, {row: 3, column: 2});
  selection.set({row: 0, column: 0}, {row: 3, column: 0});
  assert.deepEqual(model.get("selected"), {row: 0, row_end: 3, column: 0, column_end: 0});
  assert.equal(selection.scattered(), false);
  selection.set({row: 0, column: 0}, {row: 1, column: 0});
  assert.equal(selection.scattered(), true);
  assert.deepEqual(model.get("selected"), {row: 2, row_end: 2, column: 0, column_end: 0});
});

test("a tile is asked for once, kept, and asked for again when the table has another version", () => {
  const asked = [];
  const requests = {ask: (question, answered) => asked.push({question, answered})};
  const tiles = new Tiles({key: "k", version: 1}, requests, () => {});
  const wanted = [{of: "now", row: 0, column: 0}];
  tiles.want(wanted);
  tiles.want(wanted);
  assert.equal(asked.length, 1);
  asked[0].answered({rows: 1, columns: 2}, new Float32Array([1, 2]).buffer);
  assert.deepEqual([...tiles.get("now", 0, 0).numbers], [1, 2]);
  tiles.update({key: "k", version: 2});
  tiles.want(wanted);
  assert.equal(asked.length, 2);
  assert.equal(asked[1].question.version, 2);
});

test("an answer of the wrong length is no tile", () => {
  const asked = [];
  const requests = {ask: (_question, answered) => asked.push(answered)};
  const tiles = new Tiles({key: "k", version: 1}, requests, () => {});
  tiles.want([{of: "now", row: 0, column: 0}]);
  asked[0]({rows: 2, columns: 2}, new Float32Array(3).buffer);
  assert.equal(tiles.get("now", 0, 0), undefined);
});

test("ordinals end as English has them", () => {
  const numbers = [1, 2, 3, 4, 11, 12, 13, 21, 102, 2953];
  assert.deepEqual(numbers.map(ordinal), [
    ...["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd", "2,953rd"],
  ]);
});

test("a cell that shows its number has room for the longest one", () => {
  assert.ok(WIDE.width > 9 * 7);
});
