/**
 * @file What the console shows: all that was printed since it was cleared, in entries, the oldest
 * forgotten.
 */
import {computed, signal} from "../vendor/ui.js";
import {onPush} from "../server.js";

const MOST_LINES = 3000;
const MOST_LINES_IN_ENTRY = 200;
const MOST_CHARACTERS_IN_LINE = 2000;
const FLUSH_MILLISECONDS = 30;
const COLOUR_CODES = /\x1b\[[0-9;?]*[A-Za-z]/g;

/**
 * @typedef {object} Entry one run of lines; a new object whenever it grows
 * @property {number} key
 * @property {"out" | "error" | "asked" | "value"} kind
 * @property {string | null} cell the cell that printed it
 * @property {string[]} lines the last one may still grow
 */

/** @type {import("../vendor/ui.js").Signal<Entry[]>} */
export const entries = signal([]);
/** How many lines were forgotten because there were too many. */
export const forgotten = signal(0);
/** How many lines there are. */
export const lineCount = computed(() =>
  entries.value.reduce((sum, entry) => sum + countLines(entry), 0),
);

let pending = [];
let timer = /** @type {any} */ (null);
let keys = 0;

onPush("print", ({text, stream, cell}) =>
  note(stream === "error" ? "error" : "out", text, cell ?? null),
);
onPush("cell", ({cell, result}) => {
  if (result?.state !== "error") return;
  note("error", `${result.line ? `Line ${result.line}: ` : ""}${result.message}\n`, cell);
});

/** Note a text; what comes within one thirtieth of a second is drawn together. */
export function note(kind, text, cell = null) {
  const last = pending.at(-1);
  if (last && last.kind === kind && last.cell === cell) last.texts.push(text);
  else pending.push({kind, cell, texts: [text]});
  timer ??= setTimeout(flush, FLUSH_MILLISECONDS);
}

/** Forget everything. */
export function clear() {
  pending = [];
  entries.value = [];
  forgotten.value = 0;
}

/** All of it as one text. */
export function asText() {
  return entries.value.map((entry) => closed(entry).join("\n")).join("\n");
}

/** An entry's lines without the empty one that a line end leaves behind. */
export function closed({lines}) {
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

function countLines(entry) {
  return closed(entry).length;
}

function flush() {
  timer = null;
  const all = [...entries.value];
  for (const {kind, cell, texts} of pending) {
    const pieces = texts.join("").split("\n");
    const growing = all.at(-1);
    const grows = growing && growing.kind === kind && growing.cell === cell && kind !== "asked";
    const lines = grows ? growOn(all.pop(), pieces) : pieces.map(tidied);
    const key = grows ? growing.key : ++keys;
    all.push(...inEntries({key, kind, cell}, lines));
  }
  pending = [];
  forget(all);
  entries.value = all;
}

/** The lines of an entry with the pieces of a new text: the first one continues its last line. */
function growOn(entry, pieces) {
  const open = entry.lines.at(-1);
  return [...entry.lines.slice(0, -1), ...[open + pieces[0], ...pieces.slice(1)].map(tidied)];
}

/** Lines in entries of bounded length, so that a long output draws only its newest entry again. */
function inEntries({key, kind, cell}, lines) {
  const made = [];
  let from = 0;
  while (lines.length - from > MOST_LINES_IN_ENTRY + 1) {
    // a last line that is still empty begins no entry
    made.push({
      key: from ? ++keys : key,
      kind,
      cell,
      lines: lines.slice(from, from + MOST_LINES_IN_ENTRY),
    });
    from += MOST_LINES_IN_ENTRY;
  }
  made.push({key: from ? ++keys : key, kind, cell, lines: lines.slice(from)});
  return made;
}

function forget(all) {
  let count = all.reduce((sum, entry) => sum + countLines(entry), 0);
  let gone = 0;
  while (all.length > 1 && count - countLines(all[0]) >= MOST_LINES) {
    const oldest = countLines(all.shift());
    count -= oldest;
    gone += oldest;
  }
  forgotten.value += gone;
}

/** A line as a terminal would leave it: no colour codes, only what follows the last return, not too long. */
function tidied(line) {
  const plain = line.replaceAll(COLOUR_CODES, "").replace(/\r$/, "");
  const left = plain.slice(plain.lastIndexOf("\r") + 1);
  if (left.length <= MOST_CHARACTERS_IN_LINE) return left;
  return `${left.slice(0, MOST_CHARACTERS_IN_LINE)}…`;
}
