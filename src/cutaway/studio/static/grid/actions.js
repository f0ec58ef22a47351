/** @file What keys, pointer and clipboard can do with a grid. */
import {clamp} from "./geometry.js";
import {exact} from "./numbers.js";
import {cellWords, headerWords} from "./words.js";

export class GridActions {
  /** @param {import("./grid.js").Grid} grid */
  constructor(grid) {
    this.grid = grid;
  }

  get data() {
    return this.grid.data;
  }

  get selection() {
    return this.grid.selection;
  }

  /** Is there a table, and is it the one that the model has? */
  ready() {
    const {data, geometry, nextTable} = this.grid;
    return Boolean(data && geometry && !nextTable.data && data.table.rows && data.table.columns);
  }

  editable() {
    return Boolean(this.data.table.editable);
  }

  /** Rows, columns, and how many rows a page has. */
  extent() {
    const {innerHeight, rowHeight} = this.grid.geometry;
    const {rows, columns} = this.data.table;
    return {rows, columns, page: Math.max(1, Math.floor(innerHeight / rowHeight) - 1)};
  }

  /** Where the cells begin in the view. */
  inset() {
    return {left: this.grid.geometry.headerWidth, top: this.grid.geometry.headerHeight};
  }

  firstInView() {
    const {x, y} = this.grid.offset();
    const {columnWidth, rowHeight} = this.grid.geometry;
    const {rows, columns} = this.data.table;
    return {
      row: clamp(Math.ceil(y / rowHeight), 0, rows - 1),
      column: clamp(Math.ceil(x / columnWidth), 0, columns - 1),
    };
  }

  /** The part of the grid at a place of the view, and its nearest cell. */
  at(left, top) {
    const {x, y} = this.grid.offset();
    return this.grid.geometry.at(left, top, x, y);
  }

  /** A place in words, for the note at the pointer; nothing to say is an empty list. */
  wordsAt(left, top) {
    if (!this.ready() || this.grid.editor.field) return [];
    const {part, row, column} = this.at(left, top);
    if (part === "cell") return cellWords(this.data, row, column);
    if (part === "row") return headerWords(this.data, "row", row);
    return part === "column" ? headerWords(this.data, "column", column) : [];
  }

  select(anchor, end) {
    this.selection.set(anchor, end);
  }

  /** Scroll until a cell is in view. */
  show({row, column}, centred = false) {
    const {x, y} = this.grid.offset();
    const to = this.grid.geometry.reach(row, column, x, y, centred);
    if (to.x !== x || to.y !== y) this.grid.scrollTo(to);
  }

  /**
   * Write a text into a whole range: the selected one, or the one that was selected when the editor
   * opened.
   */
  write(text, range = this.selection.message()) {
    this.send({do: "edit", ...range, text});
  }

  /** Open the editor over the active cell, with its number or with the first key of a new one. */
  edit(typed = "") {
    const anchor = /** @type {import("./selection.js").Cell} */ (this.selection.anchor);
    const value = this.data.value(anchor.row, anchor.column);
    const {row, rowEnd, column, columnEnd} = /** @type {any} */ (this.selection.range());
    const count = (rowEnd - row) * (columnEnd - column);
    const words =
      count > 1 ? `New value of ${count} cells` : `New value of row ${row}, column ${column}`;
    const text = typed || (value === undefined ? "" : exact(value));
    this.show(anchor);
    const range = this.selection.message();
    this.grid.editor.open({
      text,
      typed: Boolean(typed),
      words,
      range,
      cell: anchor,
      theme: this.grid.theme,
    });
    this.layEditor();
  }

  /** Lay the open editor over its cell. */
  layEditor() {
    const {editor, geometry} = this.grid;
    if (!editor.field) return;
    const {x, y} = this.grid.offset();
    const {row, column} = editor.cell;
    const {columnWidth: width, rowHeight: height} = geometry;
    const left = geometry.left(column, x);
    const top = geometry.top(row, y);
    const inView = left + width > geometry.headerWidth && top >= geometry.headerHeight - height / 2;
    editor.lay({left, top, width, height, inView});
  }

  /** Send a message about the table. */
  send(message) {
    this.grid.requests.send({...message, key: this.data.table.key});
  }

  /** Have the page say something. */
  say(text) {
    this.grid.requests.send({do: "say", text});
  }

  nextFrame() {
    return this.grid.screen.nextFrame();
  }
}
