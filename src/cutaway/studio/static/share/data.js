/** @file What the file holds: tables, tokens, words. Everything else in the viewer reads it from here. */

/** The snapshot that stands in the file; `cutaway.studio.share.page_html` says what is in it. */
export const snapshot = JSON.parse(document.getElementById("snapshot")?.textContent ?? "");
/** The tables in this file, by name. */
export const tables = new Map(snapshot.tables.map((table) => [table.name, table]));
export const moved = new Set(snapshot.moved);
export const edited = new Set(snapshot.edited);

const decoded = new Map();

/** A table's numbers, row after row; decoded when they are first looked at. */
export function numbersOf(table) {
  if (!decoded.has(table.name)) {
    const bytes = Uint8Array.from(atob(table.numbers), (letter) => letter.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    decoded.set(
      table.name,
      Float32Array.from({length: bytes.length / 4}, (_, index) => view.getFloat32(4 * index, true)),
    );
  }
  return decoded.get(table.name);
}

/** The token behind a row or column, and the number that it goes by: its place, or its id. */
export function labelOf(table, axis, index) {
  const labels = table.labels[axis];
  if (labels === "prompt") return {number: index, text: snapshot.tokens[index]?.text ?? ""};
  if (labels === "vocabulary")
    return {number: snapshot.vocabulary[index].id, text: snapshot.vocabulary[index].text};
  return {number: index, text: labels?.[index] ?? ""};
}

/** One page of a table as a matrix: an index for every axis but the last two. */
export function matrixOf(table, chosen) {
  const {axes, shape} = table;
  const numbers = numbersOf(table);
  const front = Math.max(0, axes.length - 2);
  const [rows, columns] = axes.length > 1 ? shape.slice(-2) : [shape[0] ?? 1, 1];
  let page = 0;
  for (let axis = 0; axis < front; axis += 1) page = page * shape[axis] + (chosen[axes[axis]] ?? 0);
  const first = page * rows * columns;
  const [rowAxis, columnAxis] = axes.length > 1 ? axes.slice(-2) : [axes[0] ?? "", ""];
  return {
    table,
    rows,
    columns,
    rowAxis,
    columnAxis,
    numbers: numbers.subarray(first, first + rows * columns),
  };
}

/** How the numbers of a matrix are written: its largest shows three digits that count. */
export function writtenAs(numbers) {
  let largest = 0;
  for (const number of numbers)
    if (Number.isFinite(number)) largest = Math.max(largest, Math.abs(number));
  const digits = largest < 0.1 ? 5 : largest < 10 ? 3 : largest < 100 ? 2 : 1;
  const plain = largest === 0 || (largest >= 1e-3 && largest < 1e6);
  return {
    largest,
    write: (number) => {
      if (!Number.isFinite(number)) return Number.isNaN(number) ? "NaN" : number < 0 ? "−∞" : "∞";
      if (number === 0) return "0";
      return (plain ? number.toFixed(digits) : number.toExponential(2)).replace("-", "−");
    },
  };
}

/** The shortest digits that give the same float32 again. */
export function exactly(number) {
  if (!Number.isFinite(number)) return Number.isNaN(number) ? "NaN" : number < 0 ? "−∞" : "∞";
  for (let digits = 1; digits < 9; digits += 1) {
    const short = Number(number.toPrecision(digits));
    if (Math.fround(short) === number) return String(short).replace("-", "−");
  }
  return String(Number(number.toPrecision(9))).replace("-", "−");
}

/** 0.085 as "8.5 %". */
export function percent(share) {
  return `${(share * 100).toFixed(share >= 0.9995 ? 0 : 1)} %`;
}

/** A token's text with its spaces and line ends visible. */
export function visible(text) {
  return text
    .replaceAll("\n", "⏎")
    .replaceAll("\t", "⇥")
    .replace(/^ +| +$/g, (run) => "·".repeat(run.length));
}

/** 1234567 bytes as "1.2 MB". */
export function sized(bytes) {
  return bytes < 1e6
    ? `${Math.max(1, Math.round(bytes / 1e3))} kB`
    : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** An element of the page; strings become text and never markup. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key === "className") made.className = value;
    else made.setAttribute(key, value === true ? "" : String(value));
  }
  made.append(
    ...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return made;
}
