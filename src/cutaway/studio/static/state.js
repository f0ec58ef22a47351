/** @file The one state of the page: what the server pushed, and what the visitor looks at. */
import {batch, computed, effect, signal} from "./vendor/ui.js";
import {percent} from "./text.js";

/** @typedef {Record<string, number>} Select an index by axis, such as {head: 1} */
/** @typedef {{row: number, column: number, row_end?: number, column_end?: number}} Range */
/**
 * A place of the book: what the address and the browser's history hold.
 * @typedef {object} Place
 * @property {string} [view] as the signal `view`; a table is shown where one is named
 * @property {string} [table] its full name
 * @property {number} [block] the same table of another block
 * @property {Select} [select] which page of it
 * @property {Range | null} [cell] what is selected
 * @property {string} [drawing] as the signal `drawing`
 * @property {Lines | null} [lines] the row and the column that are outlined
 * @property {CellPlace[]} [trail] the way that was gone to the cell
 */
/** @typedef {import("./messages.js").Answers["back"]["way"][number] | any} CellPlace */
/** @typedef {{row?: number, column?: number}} Lines */

/** The open book as the server pushed it last; null until it has. */
export const book = signal(null);
/**
 * What the middle of the page shows: "overview", "lessons", "table", "writing", "surprise", "tokens",
 * "scratch", "weights" or "claims".
 */
export const view = signal("overview");
/** The table that is shown, by its full name. */
export const table = signal("");
/** Which page of it: an index by axis, such as {head: 1}. */
export const select = signal(/** @type {Select} */ ({}));
/** The selected cell or range: {row, column, row_end, column_end}, or null. */
export const cell = signal(null);
/** Where the grid is to go, {row, column, nonce}, until it has selected a cell; or null. */
export const reveal = signal(null);
/** How the table is drawn: "numbers", "heat", "picture", "arcs", "heads", "bars" or "histogram". */
export const drawing = signal("numbers");
/** The tab of the lower drawer. */
export const drawer = signal("changes");
/** Whether the drawer is unfolded. */
export const drawerOpen = signal(false);
/** Whether what only programmers need is shown: console, debugger, "Step into". */
export const code = signal(Boolean(localStorage.getItem("cutaway-code")));
/** Whether the table was opened without a word on how it is drawn: it may choose. */
export const freely = signal(false);
/** What is known of the shown table: the answer to the verb "table_view"; null until it came. */
export const tableInfo = signal(null);
/** Messages that float for a while: {key, text, kind}. */
export const toasts = signal(/** @type {{key: number, text: string, kind: string}[]} */ ([]));
/** What screen readers say when a prediction changes. */
export const spoken = signal("");
/** Which dialog floats above the page: "palette", "help", "goto" or "". */
export const dialog = signal("");
/** The row and the column of the shown table that are outlined: what another cell was made from. */
export const lines = signal(/** @type {Lines | null} */ (null));
/** The way that was gone from one number to another, cell by cell; its last is the selected one. */
export const trail = signal(/** @type {CellPlace[]} */ ([]));
/** How many places were shown before this one: what the browser's back button can go through. */
export const depth = signal(0);

/**
 * What was asked for and is not to be seen yet: what was typed, and into which cells of which table,
 * where it was typed into some. All that may change with it is dimmed, and changes in one moment.
 * @typedef {{table?: string, select?: Select, range?: Range, text?: string, answered?: boolean}} Pending
 */
export const pending = signal(/** @type {Pending | null} */ (null));

export const moved = computed(() => new Set(book.value?.moved ?? []));
export const edited = computed(() => new Set(book.value?.edited ?? []));

/** The table that has a role in the open model, of a block's role in its first block; or undefined. */
export const tableOf = (role) => book.value.model.roles[role];

/** Whether a name is a table's that can be opened: a step's, a weight's or an input's. */
export const isTable = (name) => hasTable(book.value.model, name);

const hasTable = (model, name) =>
  name === "ids" ||
  name === "positions" ||
  model.map.some(
    (one) => one.weights.includes(name) || one.steps.some((step) => step.name === name),
  );

/** What is shown of a model first: how its tokens read each other, or its first step. */
export const firstTable = (model) => model.roles.attention ?? model.map[0].steps[0].name;

let toastCount = 0;

/** Say something that passes. */
export function say(text, kind = "note") {
  const key = ++toastCount;
  toasts.value = [...toasts.value.slice(-3), {key, text, kind}];
  setTimeout(() => dismiss(key), kind === "error" ? 15000 : 5000);
}

export function dismiss(key) {
  toasts.value = toasts.value.filter((toast) => toast.key !== key);
}

/** What was wrong is put right: its messages go. */
export function dismissErrors() {
  toasts.value = toasts.value.filter((toast) => toast.kind !== "error");
}

/** Tell a mistake in the words that came with it. */
export function showError(error) {
  say(error?.message ?? String(error), "error");
}

/** The cell that the grid is about to select. @returns {Range | null} */
function onItsWay() {
  if (!reveal.value) return null;
  const {row, column, row_end: rowEnd = row, column_end: columnEnd = column} = reveal.value;
  return {row, column, row_end: rowEnd, column_end: columnEnd};
}

/** The place that is shown. @returns {Place} */
export const here = () => ({
  view: view.value,
  table: table.value,
  select: select.value,
  cell: cell.value ?? onItsWay(),
  drawing: drawing.value,
  lines: lines.value,
  trail: trail.value,
});

/**
 * Show a place in one call; the browser's history remembers where one came from. What is not named
 * stays as it is; the page and the cell of another table are its first ones.
 *
 *     showPlace({table: name, cell: {row: 318, column: 4}, lines: {row: 318}})
 *     showPlace({block: 3, select: {head: 2}, drawing: "heat"})
 *
 * @param {Place} place
 */
export function showPlace({view: wanted, table: named, block, ...place}) {
  const name =
    block === undefined
      ? (named ?? table.value)
      : (named ?? table.value).replace(/^h\d+\./, `h${block}.`);
  const next = wanted ?? "table";
  const same = name === table.value;
  batch(() => {
    table.value = name;
    view.value = next;
    if (place.drawing) drawing.value = place.drawing;
    if (!same) freely.value = !place.drawing && !place.cell;
    if (next !== "table") return;
    select.value = same ? {...select.value, ...place.select} : (place.select ?? {});
    lines.value = place.lines ?? null;
    trail.value = place.trail ?? [];
    if (!same || place.cell === null) cell.value = reveal.value = null;
    if (place.cell) reveal.value = {...place.cell, nonce: Math.random()};
  });
}

/**
 * Show a table.
 * @param {string} name
 * @param {Select} [chosen]
 * @param {Range | null} [at]
 */
export function openTable(name, chosen = {}, at = null) {
  showPlace({table: name, select: chosen, ...(at ? {cell: at} : {})});
}

/** Back to the place that was shown before, with what was selected there. */
export function goBack() {
  if (depth.value) history.back();
}

/** How many changes are in force, other prompts aside. */
const changesIn = ({changes, cursor}) =>
  changes.slice(0, cursor).filter(({kind}) => kind !== "prompt").length;

const hasCode = (state) => state?.cells.some(({kind}) => kind === "code");

/** Take over a state that the server pushed, if it is no older than the one at hand. */
export function receive(state) {
  const old = book.peek();
  if (old && old.book === state.book && state.version < old.version) return;
  batch(() => {
    if (old?.model && old.model.name !== state.model.name) {
      select.value = {};
      cell.value = null;
      tableInfo.value = null;
    }
    const kept = !old && state.model && hasTable(state.model, table.value); // the address named it
    if (state.model && !kept && old?.model?.name !== state.model.name)
      table.value = firstTable(state.model);
    if (hasCode(state) && !hasCode(old)) code.value = true;
    // What was changed is worth the room: the first change but another prompt unfolds the drawer.
    if (changesIn(state) > 0 && !(old && changesIn(old) > 0)) drawerOpen.value = true;
    book.value = state;
  });
}

effect(() => {
  const first = book.value?.prediction?.[0];
  if (first) spoken.value = `Next token: ${first.text}, ${percent(first.probability)}`;
});
