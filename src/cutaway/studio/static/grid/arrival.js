/** @file From one table to the next: the old one stays in view until the numbers of the new one are here. */
import {Geometry, clamp} from "./geometry.js";
import {Sheet} from "./sheet.js";

/** How long an old table stays at most. */
const PATIENCE_MS = 250;

export class Arrival {
  /** @param {object} grid the grid of grid.js */
  constructor(grid) {
    this.grid = grid;
    /** @type {Sheet|null} the table that is to be shown next */
    this.coming = null;
  }

  /** Take what the model has: a new version of the table in view, or another table. */
  take(table) {
    clearTimeout(this.timer);
    this.timer = 0;
    this.coming = null;
    if (!table) return;
    const {sheet, mail, selection} = this.grid;
    if (sheet?.table.key === table.key) {
      sheet.update(table);
      selection.clip(table);
      this.grid.layOut();
    } else {
      this.coming = new Sheet(table, mail, () => this.grid.touched());
    }
    this.grid.unsettle();
  }

  /** Ask for what the coming table will show first, and show it once that is here. */
  prepare() {
    const geometry = this.geometry();
    const {x, y} = this.origin(geometry);
    const window = geometry.window(x, y);
    this.coming.request(window);
    this.timer ||= setTimeout(() => this.show(), PATIENCE_MS);
    if (this.coming.settled(window)) this.show();
  }

  geometry() {
    const {table} = this.coming;
    return new Geometry(
      table,
      this.grid.stepFor(table),
      this.coming.kinds(),
      this.grid.screen.view,
    );
  }

  /** Where the coming table is scrolled to: one of the same shape stays where the last one was. */
  origin(geometry) {
    const {sheet, geometry: old} = this.grid;
    const {table} = this.coming;
    const alike =
      sheet &&
      ["rows", "columns", "row_axis", "column_axis"].every(
        (name) => sheet.table[name] === table[name],
      );
    const from = alike && old.rowHeight === geometry.rowHeight ? this.grid.offset() : {x: 0, y: 0};
    const reveal = this.newReveal();
    return reveal
      ? geometry.reach(reveal.row ?? 0, reveal.column ?? 0, from.x, from.y, true)
      : from;
  }

  show() {
    const {grid, coming} = this;
    if (!coming || !grid.screen.view.width) return;
    clearTimeout(this.timer);
    grid.editor.close();
    grid.tooltip.hide();
    coming.settleKinds();
    const origin = this.origin(this.geometry());
    this.coming = null;
    grid.sheet = coming;
    grid.layOut();
    grid.scrollTo(origin);
    grid.selection.anchor = grid.selection.end = null;
    grid.selection.read(coming.table);
  }

  newReveal() {
    const reveal = this.grid.model.get("reveal");
    return reveal && reveal.nonce !== this.revealed ? reveal : null;
  }

  /** Go to the cell that the model reveals, once; with a table on its way, when that is here. */
  reveal() {
    const {hands} = this.grid;
    const reveal = this.newReveal();
    if (!reveal || !hands.ready()) return;
    this.revealed = reveal.nonce;
    const {rows, columns} = hands.extent();
    const cell = {
      row: clamp(reveal.row ?? 0, 0, rows - 1),
      column: clamp(reveal.column ?? 0, 0, columns - 1),
    };
    hands.select(cell);
    hands.show(cell, true);
  }

  destroy() {
    clearTimeout(this.timer);
    this.coming = null;
  }
}
