/** @file Numbers, sizes and tokens as texts, and texts as numbers. Nothing here knows the page. */

/** 0.085 as "8.5 %". */
export function percent(share) {
  return `${(share * 100).toFixed(share >= 0.9995 ? 0 : 1)} %`;
}

const OUTER_SPACES = /^( *)(.*?)( *)$/s;

/**
 * A token's text in runs, the one way in which the page shows it: outer spaces as faint middle dots,
 * line ends and control characters as signs.
 * @returns {{text: string, faint: boolean}[]}
 */
export function runsOf(text) {
  const [, before, middle, after] = /** @type {RegExpExecArray} */ (OUTER_SPACES.exec(text));
  return [
    {text: "·".repeat(before.length), faint: true},
    {text: signs(middle), faint: false},
    {text: "·".repeat(after.length), faint: true},
  ].filter((run) => run.text);
}

/** Line ends, tabs and control characters by signs that can be seen. */
function signs(text) {
  return text
    .replaceAll("\n", "⏎")
    .replaceAll("\t", "⇥")
    .replace(/[\0-\x1f]/g, (sign) => String.fromCharCode(0x2400 + sign.charCodeAt(0)))
    .replace(/[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, "�");
}

/** A token's text with its spaces and line ends visible. */
export const visible = (text) =>
  runsOf(text)
    .map((run) => run.text)
    .join("");

/** The digits of a number with the one minus of the page, as wide as a digit; "1e+5" is "1e5". */
export const minus = (digits) => digits.replaceAll("-", "−").replace("e+", "e");

/** A number in so many decimals. */
export const fixed = (value, decimals) => minus(value.toFixed(decimals));

/** A number in powers of ten, with so many decimals. */
export const powers = (value, decimals) => minus(value.toExponential(decimals));

/** A number in four decimals, or in powers of ten where those say little; null is infinite. */
export function short(value) {
  if (value === null || value === undefined) return "∞";
  const far = Math.abs(value);
  return far !== 0 && (far < 1e-3 || far >= 1e5) ? powers(value, 2) : fixed(value, 4);
}

/** The same with its sign: "+0.2500", "−0.2500". */
export function signed(value) {
  const text = short(value);
  return text.startsWith("−") ? text : `+${text}`;
}

/** 0.0021 as "2.1 ms". */
export function duration(seconds) {
  return seconds < 0.001 ? `${(seconds * 1e6).toFixed(0)} µs` : `${(seconds * 1e3).toFixed(1)} ms`;
}

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

const DAY_MS = 86_400_000;

/**
 * When something was, to the minute: "today, 14:05".
 * @param {number} seconds since 1970
 * @param {Date} [now]
 */
export function when(seconds, now = new Date()) {
  const then = new Date(seconds * 1000);
  const clock = then.toLocaleTimeString("en-GB", {hour: "2-digit", minute: "2-digit"});
  const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate());
  const days = Math.round((Number(midnight(now)) - Number(midnight(then))) / DAY_MS);
  if (days === 0) return `today, ${clock}`;
  if (days === 1) return `yesterday, ${clock}`;
  const date = then.toLocaleDateString("en-GB", {day: "numeric", month: "short", year: "numeric"});
  return `${date}, ${clock}`;
}

/** Whether a number could be thousands or a fraction: "1,000". Nobody but who typed it knows. */
export const isAmbiguous = (text) => /^[+\-−]?[1-9]\d{0,2}(,\d{3})+$/.test(text.trim());

/** The number that a text is, with a point or a comma; null when it is none, or could be two. */
export function numberIn(text) {
  if (isAmbiguous(text)) return null;
  const plain = text.trim().replace("−", "-");
  const value = /^[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?$/i.test(plain)
    ? Number(plain.replace(",", "."))
    : NaN;
  return Number.isFinite(value) ? value : null;
}

/**
 * A block of numbers as a spreadsheet copies it: tabs between columns, line ends between rows.
 * @returns {{numbers: number[][], width: number} | {wrong: string}} `wrong` says what is the matter
 */
export function blockIn(text) {
  const lines = text
    .replace(/\r/g, "")
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => line.split("\t"));
  const word = lines.flat().find((one) => numberIn(one) === null);
  if (word !== undefined) return {wrong: `“${word}” is no number.`};
  const width = lines[0].length;
  if (lines.some((line) => line.length !== width))
    return {wrong: "The pasted lines have different numbers of columns."};
  return {numbers: lines.map((line) => line.map((one) => numberIn(one) ?? 0)), width};
}
