/** @file How far tables moved: their shares in words and in five steps, and blocks by steps. Pure. */
import {percent} from "../text.js";

/** @typedef {{name: string, number: string, heading: string}} Step */

/** Up to which share each strength of colour goes; the last one has no end. */
const UP_TO = [0.01, 0.1, 0.5];

/** The strengths of the colour in words, the weakest first. */
export const LEVELS = ["not at all", "under 1 %", "1 to 10 %", "10 to 50 %", "50 % and more"];

/**
 * How strongly a table is coloured: 0 where nothing moved, 1 to 4 by its share.
 * @param {number | null | undefined} share null where it moved and nobody knows how far
 */
export function levelOf(share) {
  if (share === undefined || share === null) return 0;
  return 1 + UP_TO.filter((end) => share >= end).length;
}

/** A share in words: never 0 for what moved, and no more digits than say something. */
export function shareWords(share) {
  if (share > 9.99) return "over 999 %";
  return share < 0.0005 ? "under 0.1 %" : percent(share);
}

/** What is said of a table by how far it moved: with its share, with none, where nobody knows. */
export const MOVED = {
  by: "moved by",
  none: "did not move",
  unknown: "moved; by how much was not calculated",
};

/**
 * A table and how far it moved, for who points at it or hears it.
 * @param {string} name
 * @param {number | null | undefined} share
 */
export function movedWords(name, share) {
  if (share === undefined) return `${name} ${MOVED.none}`;
  return share === null ? `${name} ${MOVED.unknown}` : `${name} ${MOVED.by} ${shareWords(share)}`;
}

/** How many of the calculated tables are not what they are without any change. */
export const differentWords = (count, of) =>
  `${count} of ${of} tables ${count === 1 ? "is" : "are"} different now`;

/** What one change cost: the tables that were calculated for it before the next token was known. */
export function calculatedWords({recalculated: count, first_row: row, seconds}) {
  const rows = row > 0 ? `, rows from ${row} on,` : "";
  const tables = count === 1 ? "table" : "tables";
  const time = `${(seconds * 1000).toFixed(0)} ms`;
  return `${count} ${tables} calculated for the next token${rows} in ${time}`;
}

/** Why the two counts need not be equal. */
export const COUNTS =
  "Different from the same prompt without your changes. A change in the list counts something " +
  "else: the tables that it had to calculate before the next token was known. A table that was " +
  "typed over is not calculated, one that the next token does not need is calculated when it is " +
  "looked at, and one that was calculated again may come out the same.";

/**
 * Those that moved most, the first one most.
 * @param {Map<string, number | null>} by
 */
export function mostMoved(by, count = 5) {
  return [...by]
    .filter(([, share]) => share !== null)
    .sort(([, one], [, other]) => Number(other) - Number(one))
    .slice(0, count)
    .map(([name, share]) => ({name, share: Number(share)}));
}

/**
 * The model's sheets as rows: what comes before the blocks, the blocks by their steps, what follows.
 * A block that lacks a step of another one has null in its place.
 * @param {{key: string, block: number | null, steps: Step[]}[]} map
 */
export function blocksBySteps(map) {
  const blocks = map.filter(({block}) => block !== null);
  const short = ({key}, {name}) => name.slice(key.length + 1);
  const steps = /** @type {{short: string, number: string, heading: string}[]} */ ([]);
  for (const one of blocks) {
    let at = 0;
    for (const step of one.steps) {
      const known = steps.findIndex((other) => other.short === short(one, step));
      if (known < 0) steps.splice(at, 0, {...step, short: short(one, step)});
      at = (known < 0 ? at : known) + 1;
    }
  }
  const headings = /** @type {{words: string, span: number}[]} */ ([]);
  for (const {heading} of steps) {
    if (heading || !headings.length) headings.push({words: heading, span: 0});
    headings[headings.length - 1].span += 1;
  }
  const cellsOf = (one) => {
    const names = new Map(one.steps.map((step) => [short(one, step), step.name]));
    return steps.map((step) => names.get(step.short) ?? null);
  };
  const first = map.findIndex(({block}) => block !== null);
  const rows = map.map((one) => ({
    ...one,
    cells: one.block === null ? one.steps.map(({name}) => name) : cellsOf(one),
  }));
  const isBefore = (index) => first < 0 || index < first;
  return {
    steps,
    headings,
    before: rows.filter(({block}, index) => block === null && isBefore(index)),
    blocks: rows.filter(({block}) => block !== null),
    after: rows.filter(({block}, index) => block === null && !isBefore(index)),
  };
}

/**
 * The table that an arrow key goes to; the same one at an edge.
 * @param {(string | null)[][]} rows
 * @param {string} from
 * @param {string} key
 */
export function arrowFrom(rows, from, key) {
  let row = rows.findIndex((cells) => cells.includes(from));
  let column = rows[row]?.indexOf(from) ?? -1;
  const [down, right] =
    {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[key] ?? [];
  if (down === undefined || row < 0) return from;
  for (;;) {
    row += down;
    column += right;
    const cells = rows[row];
    if (!cells || column < 0 || (right && column >= cells.length)) return from;
    const name = cells[down ? Math.min(column, cells.length - 1) : column];
    if (name) return name;
  }
}
