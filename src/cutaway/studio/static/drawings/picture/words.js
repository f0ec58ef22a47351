/** @file Numbers and places of a picture as texts, and the way from a number to its cell. */
import {batch} from "../../vendor/ui.js";
import {book, cell, openTable} from "../../state.js";
import {minus, short, visible} from "../../text.js";

/** @typedef {import("../../messages.js").Answers["picture"]} Made */
/** @typedef {Made["stages"][number]} Stage */
/** @typedef {Stage["inputs"][number]} Line */
/** @typedef {Stage["patches"][number]} Patch */

const WORDS = {inf: "∞", "-inf": "−∞", nan: "no number"};

/** A number of a picture as a text. */
export function digits(value, whole = false) {
  if (typeof value === "string") return WORDS[value];
  return whole ? minus(String(value)) : short(value);
}

/** A number that can be drawn: what is infinite is as far as can be. */
export function drawable(value) {
  if (typeof value === "number") return value;
  return {inf: Number.MAX_VALUE, "-inf": -Number.MAX_VALUE}[value] ?? 0;
}

/** What the line's number with an index is called: its token, or its index. */
export function labelAt(line, index) {
  const label = line.labels[index - line.first];
  return label ? visible(label) : String(index);
}

/** The number in question. */
export const litNumber = (line) => line.numbers[line.lit - line.first];

/** Where a line is in its table: "head 1, position 5 “He”"; "" where it is all of it. */
export const placeWords = ({place, sizes}) =>
  Object.entries(place)
    .map(([axis, index]) => `${axis} ${index}${tokenAt(axis, index, sizes[axis])}`)
    .join(", ");

/** The prompt's token at a place; a table of weights has more places than the prompt. */
function tokenAt(axis, index, size) {
  const {tokens} = book.value;
  const isToken = ["position", "source"].includes(axis) && size === tokens.length;
  return isToken ? ` “${visible(tokens[index].text)}”` : "";
}

/** Open a line's table, with one of its numbers selected. */
export function goToNumber(line, index = line.lit) {
  const axes = Object.keys(line.sizes);
  const at = {...line.place, [line.axis]: index};
  const front = axes.slice(0, -2);
  const [row, column] = axes.length > 1 ? axes.slice(-2).map((axis) => at[axis]) : [index, 0];
  batch(() => {
    openTable(line.table, Object.fromEntries(front.map((axis) => [axis, at[axis]])));
    cell.value = {row, column, row_end: row, column_end: column};
  });
}
