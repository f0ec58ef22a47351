/** @file What a visitor does to the workbook. Each tells its own mistake, and gives whether it was done. */
import {ask} from "./server.js";
import {book, cell, select, sheet, showError, table, forgive} from "./state.js";
import {cellsOf} from "./moves.js";

async function done(asked, what = "") {
  try {
    await asked;
    forgive();
    return true;
  } catch (error) {
    showError(error.kind === "Lost" && what ? new Error(`${error.message} ${what}`) : error);
    return false;
  }
}

export const undo = () => done(ask("undo"));
export const redo = () => done(ask("redo"));
export const reset = () => done(ask("reset"));
export const goTo = (cursor) => done(ask("go_to", {cursor}));
export const interrupt = () => done(ask("interrupt"));
export const kill = () => done(ask("kill"));
export const change = (fields, what) => done(ask("change", {change: fields}), what);

/** Another prompt; every table follows. */
export const setPrompt = (text) => change({kind: "prompt", text});

/** The number that a text is, with a point or a comma; null when it is none. */
function numberIn(text) {
  const plain = text.trim().replace("−", "-");
  const value = /^[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?$/i.test(plain)
    ? Number(plain.replace(",", "."))
    : NaN;
  return Number.isFinite(value) ? value : null;
}

/** One number into a range of cells. */
export function setNumber(text, range = cell.value) {
  const value = numberIn(text);
  if (value === null) {
    showError(new Error(`“${text}” is no number. Write one such as 0.25, -3 or 1e-4.`));
    return false;
  }
  return change(
    {kind: "numbers", table: table.value, cells: cellsOf(range), value},
    `${text} was not entered into ${table.value}: type it again once the page is connected.`,
  );
}

/** A block of numbers, its corner at a cell. */
export function setBlock(text, row, column) {
  const lines = text
    .replace(/\r/g, "")
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => line.split("\t"));
  const value = lines.map((line) => line.map(numberIn));
  const wrong = lines.flat().find((word) => numberIn(word) === null);
  const width = value[0].length;
  if (wrong !== undefined || value.some((line) => line.length !== width)) {
    showError(
      new Error(
        wrong === undefined
          ? "The pasted lines have different numbers of columns."
          : `“${wrong}” is no number.`,
      ),
    );
    return false;
  }
  const {rows, columns, row_axis: rowAxis, column_axis: columnAxis} = sheet.value;
  if (row + value.length > rows || column + width > columns) {
    showError(
      new Error(
        `The pasted block is ${value.length} × ${width}, ` +
          `and from this cell on there is room for ${rows - row} × ${columns - column}.`,
      ),
    );
    return false;
  }
  const cells = Object.fromEntries(sheet.value.pages.map(({axis, chosen}) => [axis, chosen]));
  cells[rowAxis] = [row, row + value.length];
  if (columnAxis) cells[columnAxis] = [column, column + width];
  return change({
    kind: "numbers",
    table: table.value,
    cells,
    value: columnAxis ? value : value.map((line) => line[0]),
  });
}

/** A head, a page or a range set to zero, to its mean, or to what it is for another prompt. */
export function setWhole(kind, cells, extra = {}) {
  const fields = kind === "zero" ? {kind: "numbers", value: 0} : {kind};
  return change({...fields, table: table.value, cells, ...extra});
}

/** Whether the shown page has an index of this axis: a head, a block. */
export function page(axis) {
  return select.value[axis] ?? 0;
}

/** Another formula for a step: in this block, or in every block. */
export async function setFormula(step, formula) {
  await ask("change", {change: {kind: "formula", step, formula}});
}

export async function setOperation(name, source) {
  await ask("change", {change: {kind: "operation", name, source}});
}

/** Whether something can be taken back, or brought again. */
export const canUndo = () => (book.value?.cursor ?? 0) > 0;
export const canRedo = () => (book.value?.cursor ?? 0) < (book.value?.changes.length ?? 0);
