/** @file One table as the grid knows it: its tiles and labels, and what of them is still missing. */
import {Labels} from "./labels.js";
import {numberWriter} from "./numbers.js";
import {Order} from "./order.js";
import {TILE, Tiles} from "./tiles.js";

/**
 * @typedef {{row: number, rowEnd: number, column: number, columnEnd: number}} Window each from
 * first up to end
 */

const UNKNOWN = {words: true, ids: false};

export class TableData {
  /**
   * @param {any} table as the model tells it
   * @param {import("./requests.js").Requests} requests
   * @param {() => void} arrived
   * @param {import("./order.js").Sort|null} [sort] what its rows are to be sorted by
   */
  constructor(table, requests, arrived, sort = null) {
    this.order = new Order();
    /** Whether the order of the rows is still on its way: until it is here nothing is asked for. */
    this.sorting = Boolean(sort);
    this.tiles = new Tiles(table, requests, arrived);
    this.labels = new Labels(table, requests, arrived);
    /** @type {{row: any, column: any}} */
    this.found = {row: null, column: null};
    /**
     * @type {(() => {of: string, row: number, column: number}[])|null} tiles that are wanted though
     * out of view
     */
    this.extra = null;
    this.update(table);
    if (sort) this.askForOrder(sort, requests, arrived);
  }

  /** The order is made where the numbers are; without an answer it stays the table's. */
  askForOrder(sort, requests, arrived) {
    const {key, version} = this.table;
    requests.ask({do: "order", key, version, ...sort}, (content) => {
      this.sorting = false;
      if (content) this.order = new Order(sort, content.order);
      this.tiles.order = this.labels.order = this.order;
      arrived();
    });
  }

  /** Take a new version of the same table. */
  update(table) {
    this.table = table;
    this.write = numberWriter(table);
    this.tiles.update(table);
    this.labels.update(table);
  }

  /**
   * What kind of labels rows and columns have; settled by the first that come, so that headers keep
   * their size.
   */
  kinds() {
    this.found.row ??= this.labels.kind("row");
    this.found.column ??= this.labels.kind("column");
    return {row: this.found.row ?? UNKNOWN, column: this.found.column ?? UNKNOWN};
  }

  /** Hold on to what is known of the labels, known or not: from now on headers keep their size. */
  settleKinds() {
    this.found = this.kinds();
  }

  /** Ask for what a window shows, and a margin around it. */
  request(window) {
    if (this.sorting) return;
    this.labels.want("row", window.row, window.rowEnd);
    this.labels.want("column", window.column, window.columnEnd);
    this.tiles.want([...this.wanted(window), ...(this.extra?.() ?? [])]);
  }

  /** Is all that a window shows here, in the present version? */
  settled(window) {
    if (this.sorting) return false;
    if (!this.labels.has("row", window.row, window.rowEnd)) return false;
    if (!this.labels.has("column", window.column, window.columnEnd)) return false;
    const visible = tilesIn(window);
    return this.sides().every((of) =>
      every(visible, (row, column) => this.tiles.has(of, row, column)),
    );
  }

  sides() {
    return this.table.compare ? ["now", "before"] : ["now"];
  }

  /** The tiles of a window and around it, the visible ones first, each nearest to the middle first. */
  wanted(window) {
    const visible = tilesIn(window);
    const wide = tilesIn(grown(window, this.table));
    const middleRow = (window.row + window.rowEnd) / 2 / TILE - 0.5;
    const middleColumn = (window.column + window.columnEnd) / 2 / TILE - 0.5;
    const list = [];
    every(wide, (row, column) => {
      const seen =
        row >= visible.row &&
        row < visible.rowEnd &&
        column >= visible.column &&
        column < visible.columnEnd;
      const distance = Math.hypot(row - middleRow, column - middleColumn) + (seen ? 0 : 1e6);
      list.push({of: "now", row, column, distance});
      if (seen && this.table.compare)
        list.push({of: "before", row, column, distance: distance + 1e3});
      return true;
    });
    return list.sort((one, other) => one.distance - other.distance);
  }

  /** The number of a cell; undefined where it has not come. */
  value(row, column, of = "now") {
    const tile = this.tiles.get(of, Math.floor(row / TILE), Math.floor(column / TILE));
    const down = row % TILE;
    const across = column % TILE;
    if (!tile || down >= tile.rows || across >= tile.columns) return undefined;
    return tile.numbers[down * tile.columns + across];
  }

  /** The number of a cell before the edits, where it differs from the present one; else undefined. */
  valueBefore(row, column) {
    if (!this.table.compare) return undefined;
    const before = this.value(row, column, "before");
    return before === this.value(row, column) ? undefined : before;
  }
}

/** The tiles that a window of cells touches. @param {Window} window */
export function tilesIn(window) {
  return {
    row: Math.floor(window.row / TILE),
    rowEnd: Math.ceil(window.rowEnd / TILE),
    column: Math.floor(window.column / TILE),
    columnEnd: Math.ceil(window.columnEnd / TILE),
  };
}

/** A window with half of it added on each side, inside the table. */
function grown(window, table) {
  const down = Math.ceil((window.rowEnd - window.row) / 2);
  const across = Math.ceil((window.columnEnd - window.column) / 2);
  return {
    row: Math.max(0, window.row - down),
    rowEnd: Math.min(table.rows, window.rowEnd + down),
    column: Math.max(0, window.column - across),
    columnEnd: Math.min(table.columns, window.columnEnd + across),
  };
}

/** Does `holds` say yes for every tile of a window of tiles? */
export function every(window, holds) {
  for (let row = window.row; row < window.rowEnd; row++) {
    for (let column = window.column; column < window.columnEnd; column++) {
      if (!holds(row, column)) return false;
    }
  }
  return true;
}
