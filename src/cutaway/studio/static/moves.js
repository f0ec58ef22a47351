/** @file Going from table to table: along the formulas' arrows, and to the rows that one looks for. */
import {cell, openTable, say, sheet, table} from "./state.js";

export {openTable};

/** The first table that this one reads, or that reads it. */
export function goToTable(direction) {
  const names = sheet.value?.[direction] ?? [];
  if (names.length) openTable(names[0]);
  else
    say(
      direction === "precedents"
        ? `${table.value} reads no table.`
        : `No table reads ${table.value}.`,
    );
}

/** The cells of the shown page as a change names them: an index, or [from, to), by axis. */
export function cellsOf(range) {
  const shown = sheet.value;
  const cells = Object.fromEntries(shown.pages.map((page) => [page.axis, page.chosen]));
  const along = (axis, from, to) => {
    if (axis) cells[axis] = to > from ? [from, to + 1] : from;
  };
  if (range) {
    along(shown.row_axis, Math.min(range.row, range.row_end), Math.max(range.row, range.row_end));
    along(
      shown.column_axis,
      Math.min(range.column, range.column_end),
      Math.max(range.column, range.column_end),
    );
  }
  return cells;
}

/** The selected range in words: "row 3, column 4", or "rows 3 to 5, columns 0 to 7". */
export function rangeWords(range = cell.value) {
  if (!range) return "nothing selected";
  const one = (word, from, to) =>
    from === to ? `${word} ${from}` : `${word}s ${Math.min(from, to)} to ${Math.max(from, to)}`;
  return `${one("row", range.row, range.row_end)}, ${one("column", range.column, range.column_end)}`;
}
