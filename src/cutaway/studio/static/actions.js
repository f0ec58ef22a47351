/**
 * @file What a visitor does: changes to the workbook, each of which shows its own mistake and gives
 * whether it was done; and going from table to table.
 */
import {ask} from "./server.js";
import {
  book,
  cell,
  dismissErrors,
  openTable,
  pending,
  say,
  select,
  showError,
  table,
  tableInfo,
  view,
} from "./state.js";
import {blockIn, isAmbiguous, numberIn} from "./text.js";

async function done(asked, what = "") {
  try {
    await asked;
    dismissErrors();
    return true;
  } catch (error) {
    showError(error.kind === "Lost" && what ? new Error(`${error.message} ${what}`) : error);
    return false;
  }
}

/** Numbers that do not come in this time are not waited for: nothing stays dim. */
const MOST_DIM_MS = 4000;

/**
 * Have something calculated: it is pending until the grid shows what came of it.
 * @param {Promise<any>} asked
 * @param {string} [what] what was not done, should the connection break
 * @param {import("./state.js").Pending} [typed]
 */
async function calculated(asked, what = "", typed = {}) {
  pending.value = typed;
  const ok = await done(asked, what);
  if (pending.value !== typed) return ok;
  const answered = ok && view.value === "table" ? {...typed, answered: true} : null;
  pending.value = answered;
  setTimeout(() => {
    if (answered && pending.value === answered) pending.value = null;
  }, MOST_DIM_MS);
  return ok;
}

export const undo = () => calculated(ask("undo"));
export const redo = () => calculated(ask("redo"));
export const reset = () => calculated(ask("reset"));
export const goTo = (cursor) => calculated(ask("go_to", {cursor}));
export const interrupt = () => done(ask("interrupt"));
export const kill = () => done(ask("kill"));
export const change = (fields, what, typed) =>
  calculated(ask("change", {change: fields}), what, typed);

/** Another prompt; every table follows. special: whether marks in it are the model's own tokens. */
export const setPrompt = (text, special = false) => {
  const marked = special && book.value.model.marks.some((mark) => text.includes(mark));
  return change({kind: "prompt", text, ...(marked ? {special: true} : {})});
};

/** The number that is meant by what was typed: itself, or arithmetic; null after saying why it is none. */
async function numberMeant(text) {
  const plain = numberIn(text);
  if (plain !== null) return plain;
  try {
    if (isAmbiguous(text)) {
      const thousands = text.trim().replaceAll(",", "");
      const fraction = text.trim().replace(",", ".");
      throw new Error(`Is “${text}” ${thousands} or ${fraction}? Write it without the comma.`);
    }
    if (!/[=(%*/^]|\d\s*[+\-−]/.test(text))
      throw new Error(`“${text}” is no number. Write one such as 0.25, -3, 1e-4, 12% or =1/3.`);
    return (await ask("calculate", {text})).value;
  } catch (error) {
    showError(error);
    return null;
  }
}

/** One number into a range of cells. */
export async function setNumber(text, range = cell.value) {
  const cells = cellsOf(range);
  const name = table.value;
  const value = await numberMeant(text);
  if (value === null) return false;
  return change(
    {kind: "numbers", table: name, cells, value},
    `${text} was not entered into ${name}: type it again once the page is connected.`,
    {table: name, select: select.value, range, text},
  );
}

/** A block of numbers, its corner at a cell. */
export function setBlock(text, row, column) {
  const block = blockIn(text);
  if ("wrong" in block) {
    showError(new Error(block.wrong));
    return false;
  }
  const {numbers, width} = block;
  const {rows, columns, row_axis: rowAxis, column_axis: columnAxis} = tableInfo.value;
  if (row + numbers.length > rows || column + width > columns) {
    showError(
      new Error(
        `The pasted block is ${numbers.length} × ${width}, ` +
          `and from this cell on there is room for ${rows - row} × ${columns - column}.`,
      ),
    );
    return false;
  }
  const cells = Object.fromEntries(tableInfo.value.pages.map(({axis, chosen}) => [axis, chosen]));
  cells[rowAxis] = [row, row + numbers.length];
  if (columnAxis) cells[columnAxis] = [column, column + width];
  return change({
    kind: "numbers",
    table: table.value,
    cells,
    value: columnAxis ? numbers : numbers.map((line) => line[0]),
  });
}

/** A head, a page or a range set to zero, to its mean, or to what it is for another prompt. */
export function setWhole(kind, cells, extra = {}) {
  const fields = kind === "zero" ? {kind: "numbers", value: 0} : {kind};
  return change({...fields, table: table.value, cells, ...extra});
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

/** The first table that this one reads, or that reads it. */
export function goToTable(direction) {
  const names = tableInfo.value?.[direction] ?? [];
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
  const shown = tableInfo.value;
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
