/** @file The labels of rows and columns: fetched in chunks, tokens with their spaces made visible. */
import {runsOf} from "../text.js";
import {Order} from "./order.js";

const CHUNK = 256;

/**
 * @typedef {object} Label
 * @property {string} text as it came
 * @property {number|null} id of a token
 * @property {number} index of the row or column in the table
 * @property {{text: string, faint: boolean}[]} runs how it is drawn
 */

export class Labels {
  /**
   * @param {{key: string, version: number|string}} table
   * @param {import("./requests.js").Requests} requests
   * @param {() => void} arrived
   */
  constructor(table, requests, arrived) {
    this.requests = requests;
    this.arrived = arrived;
    this.order = new Order();
    this.chunks = {row: new Map(), column: new Map()};
    this.asked = new Map();
    this.update(table);
  }

  /** Take a new version: old labels stay until new ones replace them. */
  update(table) {
    this.table = table;
  }

  /** @returns {Label|undefined} */
  get(axis, index) {
    return this.chunks[axis].get(Math.floor(index / CHUNK))?.labels[index % CHUNK];
  }

  /** Ask for the labels from `first` up to, not including, `end`, where they are not here yet. */
  want(axis, first, end) {
    for (let chunk = Math.floor(first / CHUNK); chunk * CHUNK < end; chunk++) {
      if (this.chunks[axis].get(chunk)?.version !== this.table.version) this.ask(axis, chunk);
    }
  }

  /** Are these labels here, in the table's present version? */
  has(axis, first, end) {
    for (let chunk = Math.floor(first / CHUNK); chunk * CHUNK < end; chunk++) {
      if (this.chunks[axis].get(chunk)?.version !== this.table.version) return false;
    }
    return true;
  }

  ask(axis, chunk) {
    const {key, version} = this.table;
    const at = `${axis} ${chunk}`;
    if (this.asked.get(at) === version) return;
    this.asked.set(at, version);
    const first = chunk * CHUNK;
    const count = Math.min(CHUNK, this.table[axis === "row" ? "rows" : "columns"] - first);
    const rows = axis === "row" ? this.order.part(first, first + count) : undefined;
    this.requests.ask({do: "labels", key, axis, first, count, rows}, (content) => {
      if (this.asked.get(at) === version) this.asked.delete(at);
      // Without an answer the numbers of rows and columns stand alone, until the next version.
      const {labels = [], ids = null} = content ?? {};
      const read = labels.map((text, index) =>
        readLabel(text, ids?.[index] ?? null, rows?.[index] ?? first + index),
      );
      this.chunks[axis].set(chunk, {version, labels: read});
      this.arrived();
    });
  }

  /** Do the labels that came first say more than the number of the row, and have they ids of their own? */
  kind(axis) {
    const [entry] = this.chunks[axis];
    if (!entry) return null;
    const [, {labels}] = entry;
    return {
      words: labels.some(({text, index}) => text !== String(index)),
      ids: labels.some(({id, index}) => id !== null && id !== index),
    };
  }
}

function readLabel(text, id, index) {
  return {text: String(text), id, index, runs: runsOf(String(text))};
}

/**
 * The runs of a label with their widths, cut with an ellipsis where there is no room; remembered on
 * the label.
 */
export function runsThatFit(context, label, font, room) {
  if (label.fitted?.font === font && label.fitted.room === room) return label.fitted;
  context.font = font;
  const runs = [];
  let width = 0;
  for (const run of label.runs) {
    const text = cut(context, run.text, room - width);
    const taken = context.measureText(text).width;
    runs.push({text, faint: run.faint, width: taken});
    width += taken;
    if (text !== run.text) break;
  }
  label.fitted = {font, room, runs, width};
  return label.fitted;
}

function cut(context, text, room) {
  if (context.measureText(text).width <= room) return text;
  const letters = [...text].slice(0, 64);
  while (letters.length && context.measureText(`${letters.join("")}…`).width > room) letters.pop();
  return letters.length ? `${letters.join("")}…` : "";
}

/** A label as one visible line of text. */
export function visibleText(label) {
  return label.runs.map((run) => run.text).join("");
}
