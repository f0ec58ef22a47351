/** @file Cells, rows and columns in words, for the note at the pointer and for screen readers. */
import {minus, visible} from "../text.js";
import {exact} from "./numbers.js";

/**
 * A cell in words: labels, its whole number, the number before, and where it is, counted from 0 and
 * from 1.
 */
export function cellWords(data, row, column) {
  const value = data.value(row, column);
  if (value === undefined) return ["This number is on its way.", placeWords(data, row, column)];
  const before = data.valueBefore(row, column);
  const lines =
    before === undefined
      ? [minus(exact(value))]
      : [`now ${minus(exact(value))}`, `was ${minus(exact(before))}`];
  return [...lines, placeWords(data, row, column)];
}

function placeWords(data, row, column) {
  return `${headerWords(data, "row", row).join(", ")}\n${headerWords(data, "column", column).join(", ")}`;
}

/** A row or column in words: "row 2952 (the 2,953rd)", its label, its id. */
export function headerWords(data, axis, index) {
  const name = data.table[`${axis}_axis`];
  const label = data.labels.get(axis, index);
  const number = axis === "row" ? data.order.row(index) : index;
  const words = [`${axis} ${number} (the ${ordinal(number + 1)}${name ? ` ${name}` : ""})`];
  if (label && label.text !== String(number)) words.push(`“${visible(label.text)}”`);
  if (label && label.id !== null) words.push(`id ${label.id}`);
  return words;
}

/** 2953 as "2,953rd". */
export function ordinal(number) {
  const ending =
    {one: "st", two: "nd", few: "rd"}[
      new Intl.PluralRules("en", {type: "ordinal"}).select(number)
    ] ?? "th";
  return number.toLocaleString("en") + ending;
}
