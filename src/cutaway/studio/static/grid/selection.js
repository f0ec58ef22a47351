/**
 * @file What is selected: the cell where a range began, the cell to which it reaches, and the
 * model's copy of both. In a sorted table the model hears of one row or of all: others do not lie
 * side by side in the table.
 */
import {clamp} from "./geometry.js";
import {Order} from "./order.js";

/**
 * @typedef {{row: number, column: number}} Cell here by its place on the screen; the model hears of
 * the table's rows
 */

export class Selection {
  /**
   * @param {any} model
   * @param {() => void} changed
   */
  constructor(model, changed) {
    this.model = model;
    this.changed = changed;
    /** @type {Cell|null} where the range began: the active cell */
    this.anchor = null;
    /** @type {Cell|null} where it reaches */
    this.end = null;
    this.order = new Order();
    this.rows = 0;
  }

  /** Take over what the model says, if it says something new. */
  read(table) {
    this.rows = table.rows;
    const message = this.model.get("selected");
    if (same(message, this.message())) return;
    if (!message || !table.rows || !table.columns) this.anchor = this.end = null;
    else {
      const anchor = inside(table, {row: message.row, column: message.column});
      const end = inside(table, {
        row: message.row_end ?? message.row,
        column: message.column_end ?? message.column,
      });
      [this.anchor, this.end] = this.onScreen(anchor, end, table.rows);
      if (this.order.sort && !same(message, this.message())) this.set(this.anchor, this.end);
    }
    this.changed();
  }

  /**
   * Where two cells of the table are seen; of some rows of a sorted table the first.
   * @returns {[Cell, Cell]}
   */
  onScreen(anchor, end, rows) {
    const whole = Math.abs(end.row - anchor.row) === rows - 1;
    if (!this.order.sort || whole) return [anchor, end];
    const row = this.order.place(anchor.row);
    return [
      {...anchor, row},
      {...end, row},
    ];
  }

  /** Whether it is of some rows of a sorted table: these are not one range of the table. */
  scattered() {
    const range = this.range();
    const count = range ? range.rowEnd - range.row : 0;
    return Boolean(this.order.sort) && count > 1 && count < this.rows;
  }

  /**
   * Select from one cell to another, and tell the model.
   * @param {Cell|null} anchor
   * @param {Cell|null} [end]
   */
  set(anchor, end = anchor) {
    this.anchor = anchor;
    this.end = end;
    if (!same(this.model.get("selected"), this.message())) {
      this.model.set("selected", this.message());
      this.model.save_changes();
    }
    this.changed();
  }

  /** After the table has become smaller, what lay outside of it lies at its edge. */
  clip(table) {
    this.rows = table.rows;
    if (!this.anchor || !this.end) return;
    if (!table.rows || !table.columns) this.set(null);
    else this.set(inside(table, this.anchor), inside(table, this.end));
  }

  /** The range for the model: its first and its last cell. */
  message() {
    const range = this.range();
    if (!range) return null;
    const columns = {column: range.column, column_end: range.columnEnd - 1};
    if (!this.order.sort || (range.rowEnd - range.row === this.rows && this.rows > 1))
      return {row: range.row, row_end: range.rowEnd - 1, ...columns};
    const row = this.order.row(/** @type {Cell} */ (this.anchor).row);
    return {row, row_end: row, ...columns};
  }

  /** The range as rows and columns from first up to, not including, end; null when nothing is selected. */
  range() {
    if (!this.anchor || !this.end) return null;
    return {
      row: Math.min(this.anchor.row, this.end.row),
      rowEnd: Math.max(this.anchor.row, this.end.row) + 1,
      column: Math.min(this.anchor.column, this.end.column),
      columnEnd: Math.max(this.anchor.column, this.end.column) + 1,
    };
  }
}

function inside(table, {row, column}) {
  return {row: clamp(row, 0, table.rows - 1), column: clamp(column, 0, table.columns - 1)};
}

function same(one, other) {
  if (!one || !other) return !one && !other;
  return (
    one.row === other.row &&
    one.column === other.column &&
    (one.row_end ?? one.row) === other.row_end &&
    (one.column_end ?? one.column) === other.column_end
  );
}
