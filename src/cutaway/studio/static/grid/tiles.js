/** @file The numbers of a table in tiles of 64 x 64: asked for nearest first, kept while there is room. */

import {Order} from "./order.js";

/** Rows and columns of a tile. */
export const TILE = 64;

const MOST_BYTES = 24 * 2 ** 20;
const MOST_IN_FLIGHT = 16;
const RETRY_MS = 2000;
/** A tile that was not painted for so many frames gives back its texts and its picture. */
const IDLE_FRAMES = 90;

/**
 * @typedef {object} Tile
 * @property {number} rows
 * @property {number} columns
 * @property {Float32Array} numbers row by row
 * @property {number|string} version of the table
 * @property {string[]|null} texts written numbers, filled as they are painted
 * @property {any|null} picture one pixel a cell, for small cells
 * @property {number} serial no two tiles have the same
 * @property {Uint8Array|null} marks 1 where a number differs from before the edits
 * @property {number} [marksFrom] serial of the tile that the marks were compared with
 * @property {number} frame when it was painted last
 */

export class Tiles {
  /**
   * @param {{key: string, version: number|string}} table
   * @param {import("./requests.js").Requests} requests
   * @param {() => void} arrived
   */
  constructor(table, requests, arrived) {
    this.requests = requests;
    this.arrived = arrived;
    this.order = new Order();
    /** @type {Map<number, Tile>} the least recently used first */
    this.kept = new Map();
    this.asked = new Map();
    this.refused = new Map();
    this.wanted = [];
    this.bytes = 0;
    this.count = 0;
    this.update(table);
  }

  /** Take a new version: old tiles stay to be seen until new ones replace them. */
  update(table) {
    this.table = table;
    this.refused.clear();
  }

  /** @returns {Tile|undefined} */
  get(of, row, column) {
    return this.kept.get(place(of, row, column));
  }

  /** Is the tile here, in the table's present version? */
  has(of, row, column) {
    return this.get(of, row, column)?.version === this.table.version;
  }

  /**
   * Ask for what is not here yet. What an earlier call wanted and was not sent is forgotten.
   * @param {{of: string, row: number, column: number}[]} wanted nearest first
   */
  want(wanted) {
    this.wanted = wanted;
    for (const {of, row, column} of wanted) {
      if (this.asked.size >= MOST_IN_FLIGHT) return;
      const at = place(of, row, column);
      if (
        !this.has(of, row, column) &&
        this.asked.get(at) !== this.table.version &&
        !this.isRefused(at)
      ) {
        this.ask(of, row, column, at);
      }
    }
  }

  isRefused(at) {
    return this.refused.get(at) > performance.now();
  }

  ask(of, row, column, at) {
    const {key, version} = this.table;
    this.asked.set(at, version);
    const rows = this.order.part(row * TILE, (row + 1) * TILE);
    this.requests.ask({do: "tile", key, version, row, column, of, rows}, (content, buffer) => {
      if (this.asked.get(at) === version) this.asked.delete(at);
      const numbers = content && floats(buffer, content.rows * content.columns);
      if (numbers) this.keep(at, {...content, numbers, version});
      else this.refuse(at);
      this.want(this.wanted);
      this.arrived();
    });
  }

  /**
   * Keep a tile, unless a newer version of it is here.
   * @param {number} at
   * @param {any} content
   */
  keep(at, {rows, columns, numbers, version}) {
    const old = this.kept.get(at);
    if (old && old.version === this.table.version) return;
    if (old) this.forget(at, old);
    const marks = old && old.columns === columns ? old.marks : null;
    const serial = ++this.count;
    this.kept.set(at, {
      rows,
      columns,
      numbers,
      version,
      serial,
      marks,
      texts: null,
      picture: null,
      frame: 0,
    });
    this.bytes += numbers.byteLength;
    for (const [first, tile] of this.kept) {
      if (this.bytes <= MOST_BYTES) break;
      this.forget(first, tile);
    }
  }

  forget(at, tile) {
    this.kept.delete(at);
    this.bytes -= tile.numbers.byteLength;
  }

  refuse(at) {
    this.refused.set(at, performance.now() + RETRY_MS);
    setTimeout(this.arrived, RETRY_MS + 1);
  }

  /** Note that a tile is painted in this frame: it goes last. */
  touch(of, row, column, frame) {
    const at = place(of, row, column);
    const tile = this.kept.get(at);
    if (!tile || tile.frame === frame) return tile;
    if (tile.frame !== frame - 1) {
      this.kept.delete(at);
      this.kept.set(at, tile);
    }
    tile.frame = frame;
    return tile;
  }

  /** Drop texts and pictures of tiles that were out of view for a while. */
  sweep(frame) {
    for (const tile of this.kept.values()) {
      if (frame - tile.frame > IDLE_FRAMES) tile.texts = tile.picture = null;
    }
  }
}

/** One number for each place of a tile. */
function place(of, row, column) {
  return ((of === "before" ? 1 : 0) * 2 ** 20 + row) * 2 ** 20 + column;
}

/** The float32 numbers of an answer; null when it is not as long as it should be. */
function floats(buffer, count) {
  if (!buffer || buffer.byteLength !== count * 4) return null;
  if (buffer instanceof ArrayBuffer) return new Float32Array(buffer);
  const {byteOffset} = buffer;
  if (byteOffset % 4 === 0) return new Float32Array(buffer.buffer, byteOffset, count);
  return new Float32Array(buffer.buffer.slice(byteOffset, byteOffset + count * 4));
}
