/** @file Numbers as text: four figures that count for the eye, every figure for copying. */

import {fixed, minus} from "../text.js";

/** The longest text that a writer gives, in characters: "−1.234e−5". */
export const WIDEST = 9;

/**
 * How the numbers of one table are written, so that its columns line up.
 * Below 100 every number has four decimals; above, each has four figures that count.
 * @param {{largest: number, share?: boolean, whole?: boolean}} table
 * @returns {(value: number) => string}
 */
export function numberWriter({largest, share = false, whole = false}) {
  if (whole) return (value) => (Number.isFinite(value) ? fixed(value, 0) : infinite(value));
  const aligned = share || largest < 100;
  const zero = share ? "·" : "0";
  return (value) => {
    if (value === 0) return zero;
    if (!Number.isFinite(value)) return infinite(value);
    const size = Math.abs(value);
    if (size < 0.001 || size >= 999_950) return scientific(value);
    if (aligned && size < 1000) return fixed(value, 4);
    return fixed(value, decimals(size));
  };
}

/** Decimals that leave four figures that count. */
function decimals(size) {
  if (size < 0.99995) return 4;
  if (size < 9.9995) return 3;
  if (size < 99.995) return 2;
  return size < 999.95 ? 1 : 0;
}

function scientific(value) {
  const text = value.toExponential(3);
  const short =
    Math.abs(Number(text.slice(text.indexOf("e") + 1))) > 9 ? value.toExponential(2) : text;
  return minus(short);
}

function infinite(value) {
  if (Number.isNaN(value)) return "NaN";
  return value < 0 ? "−∞" : "∞";
}

/** The shortest decimal text that is read back as this very float32. */
export function exact(value) {
  if (value === Infinity) return "inf";
  if (value === -Infinity) return "-inf";
  for (let figures = 1; figures < 9; figures++) {
    const text = value.toPrecision(figures);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}
