/** @file How models and files are told in words and numbers. */

const UNITS = ["bytes", "kB", "MB", "GB"];

/** 7017680 as "7.0 MB". */
export function bytes(number) {
  let unit = 0;
  let shown = number;
  while (shown >= 999.5 && unit < UNITS.length - 1) {
    shown /= 1000;
    unit += 1;
  }
  return `${unit === 0 || shown >= 99.95 ? Math.round(shown) : shown.toFixed(1)} ${UNITS[unit]}`;
}

/** 3505152 as "3,505,152". */
export function count(number) {
  return number.toLocaleString("en");
}

/** [768, 2304] as "768 × 2,304"; a size that is not known is a question mark. */
export function size(shape) {
  return shape.map((length) => (length === null ? "?" : count(length))).join(" × ");
}

/** 1 as "1 file", 3 as "3 files". */
export function several(number, word) {
  return `${count(number)} ${word}${number === 1 ? "" : "s"}`;
}
