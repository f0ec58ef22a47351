/** @file What keys, pointer and clipboard can do with a grid. */
import {clamp} from "./geometry.js";
import {exact} from "./numbers.js";
import {nextSort} from "./order.js";
import {cellWords, headerWords} from "./words.js";

/** What is said where a change would go to some rows of a sorted table. */
export const SCATTERED =
  "Some rows of a sorted table are no block of the table: change one row, or all, or press S " +
  "until its rows are in their own order.";
/** How far the sign in a column's head that sorts by it reaches, from the left. */
const SIGN_WIDTH = 24;
const SORTS = "The arrows at its left, or the key S, sort by this column.";

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

  /** Is there a table, and is it the one that the model has, in whatever order? */
  ready() {
    const {data, geometry, nextTable} = this.grid;
    const isCurrent = !nextTable.data || nextTable.data.table.key === data?.table.key;
    return Boolean(data && geometry && isCurrent && data.table.rows && data.table.columns);
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
    return part === "column" ? [...headerWords(this.data, "column", column), SORTS] : [];
  }

  /** Whether a place of the view lies on the sign in a column's head that sorts by it. */
  onSign(left, {part, column}) {
    const {geometry} = this.grid;
    if (part !== "column" || geometry.narrow) return false;
    return left - geometry.left(column, this.grid.offset().x) < SIGN_WIDTH;
  }

  /** The pointer is over a column's head, which shows its sign; or over none: null. */
  hover(column) {
    if (this.grid.hovered === column) return;
    this.grid.hovered = column;
    this.grid.screen.schedule();
  }

  /** Sort the rows by a column: ascending, descending, and back to the order of the table. */
  sort(column) {
    this.grid.sortBy(nextSort(this.grid.sortOf(this.data.table), column));
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
    if (this.selection.scattered()) this.say(SCATTERED);
    else this.send({do: "edit", ...range, text});
  }

  /** Open the editor over the active cell, with its number or with the first key of a new one. */
  edit(typed = "") {
    if (this.selection.scattered()) {
      this.say(SCATTERED);
      return;
    }
    const anchor = /** @type {import("./selection.js").Cell} */ (this.selection.anchor);
    const value = this.data.value(anchor.row, anchor.column);
    const {row, rowEnd, column, columnEnd} = /** @type {any} */ (this.selection.range());
    const count = (rowEnd - row) * (columnEnd - column);
    const words =
      count > 1
        ? `New value of ${count} cells`
        : `New value of row ${this.data.order.row(row)}, column ${column}`;
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
