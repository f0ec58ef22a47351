/** @file From one table to the next: the old one stays in view until the numbers of the new one are here. */
import {Geometry, clamp} from "./geometry.js";
import {TableData} from "./table_data.js";

/** How long an old table stays at most. */
const PATIENCE_MS = 250;

export class NextTable {
  /** @param {import("./grid.js").Grid} grid */
  constructor(grid) {
    this.grid = grid;
    /** @type {any} the TableData that is to be shown next, or null */
    this.data = null;
  }

  /** Take what the model has: a new version of the table in view, or another table. */
  take(table) {
    clearTimeout(this.timer);
    this.timer = 0;
    this.data = null;
    if (!table) return;
    const {data, requests, selection} = this.grid;
    const sort = this.grid.sortOf(table);
    if (data?.table.key === table.key && !sort && !data.order.sort) {
      data.update(table);
      selection.clip(table);
      this.grid.layOut();
    } else {
      this.data = new TableData(table, requests, () => this.grid.touched(), sort);
      if (data?.table.key === table.key) this.data.found = {...data.found};
    }
    this.grid.unsettle();
  }

  /** Ask for what the coming table will show first, and show it once that is here. */
  prepare() {
    const geometry = this.geometry();
    const {x, y} = this.origin(geometry);
    const window = geometry.window(x, y);
    this.data.request(window);
    this.timer ||= setTimeout(() => this.show(), PATIENCE_MS);
    if (this.data.settled(window)) this.show();
  }

  geometry() {
    const {table} = this.data;
    return new Geometry(table, this.grid.stepFor(table), this.data.kinds(), this.grid.screen.view);
  }

  /** Where the coming table is scrolled to: one of the same shape stays where the last one was. */
  origin(geometry) {
    const {data, geometry: old} = this.grid;
    const {table} = this.data;
    const alike =
      data &&
      ["rows", "columns", "row_axis", "column_axis"].every(
        (name) => data.table[name] === table[name],
      );
    const from = alike && old.rowHeight === geometry.rowHeight ? this.grid.offset() : {x: 0, y: 0};
    const {order} = this.data;
    // What is sorted anew is seen from its first row on.
    if (alike && nameOf(order.sort) !== nameOf(data.order.sort)) from.y = 0;
    const reveal = this.newReveal();
    if (!reveal) return from;
    const row = order.place(clamp(reveal.row ?? 0, 0, table.rows - 1));
    return geometry.reach(row, reveal.column ?? 0, from.x, from.y, true);
  }

  show() {
    const {grid, data} = this;
    if (!data || !grid.screen.view.width) return;
    clearTimeout(this.timer);
    this.timer = 0;
    if (data.sorting) return;
    const isOther = grid.data?.table.key !== data.table.key;
    if (isOther) grid.editor.close();
    grid.tooltip.hide();
    data.settleKinds();
    const origin = this.origin(this.geometry());
    const followed = this.seesRowMove();
    this.data = null;
    grid.data = data;
    grid.selection.order = data.order;
    grid.layOut();
    grid.scrollTo(origin);
    grid.selection.anchor = grid.selection.end = null;
    grid.selection.read(data.table);
    if (!isOther) grid.editor.cell = grid.selection.anchor;
    if (followed && grid.selection.anchor) grid.actions.show(grid.selection.anchor);
  }

  /** Whether the selected row is in view, and may move as what was sorted is sorted again. */
  seesRowMove() {
    const {data, geometry, selection} = this.grid;
    if (!data?.order.sort || nameOf(data.order.sort) !== nameOf(this.data.order.sort)) return false;
    const {x, y} = this.grid.offset();
    const {row, rowEnd} = geometry.window(x, y);
    const at = selection.anchor?.row ?? -1;
    return data.table.key === this.data.table.key && at >= row && at < rowEnd;
  }

  newReveal() {
    const reveal = this.grid.model.get("reveal");
    return reveal && reveal.nonce !== this.revealed ? reveal : null;
  }

  /** Go to the cell that the model reveals, once; with a table on its way, when that is here. */
  reveal() {
    const {actions} = this.grid;
    const reveal = this.newReveal();
    if (!reveal || this.data || !actions.ready()) return;
    this.revealed = reveal.nonce;
    const {rows, columns} = actions.extent();
    const cell = {
      row: clamp(reveal.row ?? 0, 0, rows - 1),
      column: clamp(reveal.column ?? 0, 0, columns - 1),
    };
    const end = {
      row: clamp(reveal.row_end ?? cell.row, 0, rows - 1),
      column: clamp(reveal.column_end ?? cell.column, 0, columns - 1),
    };
    const {selection} = this.grid;
    const seen = selection.onScreen(cell, end, rows);
    actions.select(...seen);
    actions.show(seen[0], true);
  }

  destroy() {
    clearTimeout(this.timer);
    this.data = null;
  }
}

const nameOf = (sort) => (sort ? `${sort.column} ${sort.descending}` : "");
