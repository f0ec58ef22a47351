/** @file The scratch sheet's state: what was typed and is not saved yet, and what has come of each cell. */
import {batch, computed, effect, signal} from "../../vendor/ui.js";
import {ask, connection, onPush} from "../../server.js";
import {book, showError} from "../../state.js";
import {paused} from "../debugger_state.js";

const SAVE_AFTER = 300;
const FORGET_AFTER = 2000;
const MOST_PRINTED = 4000;
const NO_MISTAKES = ["Interrupted", "Stopped"]; // the cell itself says so
const NAMES_AFTER = 400;

/**
 * @typedef {object} Cell
 * @property {string} cell its id
 * @property {"formula" | "code"} kind
 * @property {string} name
 * @property {string} source
 */

/** What has come of the cells, by id; "asked" and "running" are states of ours. */
export const results = signal({});
/** What each cell has printed in its last run, the end of it. */
export const printed = signal({});
/** The cells that are folded to a line. */
export const folded = signal(new Set());
/** The cell that was deleted last, with the place where it stood; null when that is long ago. */
export const deleted = signal(null);
/** What a screen reader says of a run. */
export const announcement = signal("");
/** All that a cell can name: {name, kind, words}. */
export const names = signal([]);
/** Where the debugger stands on the sheet: {cell, line}, or null. */
export const pausedAt = computed(() => {
  const cell = /^<cell (.+)>$/.exec(paused.value?.where ?? "")?.[1];
  return cell ? {cell, line: paused.value.line} : null;
});

/** What was typed, by id, until the server's state has it as well. */
const drafts = signal({});
/** The source that a cell had when it ran, by id. */
const ran = new Map();
const timers = new Map();

/** The cells as the visitor sees them. @type {import("../../vendor/ui.js").Signal<Cell[]>} */
export const cells = computed(() =>
  (book.value?.cells ?? []).map((cell) => {
    const draft = drafts.value[cell.cell];
    return draft ? {...cell, ...draft.fields} : cell;
  }),
);

/** Whether a cell was changed after it ran. */
export const isEdited = (cell) => ran.has(cell.cell) && ran.get(cell.cell) !== cell.source;

/** What a cell is called: its name, or the place where it stands. */
export function called(id) {
  const place = cells.value.findIndex((one) => one.cell === id);
  return cells.value[place]?.name || `cell ${place + 1}`;
}

// ---- Writing ----------------------------------------------------------------------------------------------

/** Change a cell's source, name or kind; it is saved when the visitor pauses. */
export function write(id, fields) {
  const known = drafts.value[id]?.fields ?? {};
  drafts.value = {...drafts.value, [id]: {fields: {...known, ...fields}, saved: false}};
  clearTimeout(timers.get(id));
  timers.set(
    id,
    setTimeout(() => save(id).catch(tell), SAVE_AFTER),
  );
}

/** Have a cell saved now. */
async function save(id) {
  clearTimeout(timers.get(id));
  const draft = drafts.value[id];
  if (!draft || draft.saved) return;
  try {
    await ask("cell_set", {cell: id, ...draft.fields});
  } catch (error) {
    if (error.kind !== "Lost") forget(id); // what the server refuses once it refuses again
    throw error;
  }
  if (drafts.value[id] !== draft) return; // typed on meanwhile
  const saved = {...draft, saved: true};
  drafts.value = {...drafts.value, [id]: saved};
  forgetSaved();
  // Another tab may have written over it: then the state never says the same, and the other one's
  // text stands.
  setTimeout(() => {
    if (drafts.value[id] === saved) forget(id);
  }, FORGET_AFTER);
}

const saveAll = () => Promise.all(Object.keys(drafts.value).map(save));

function forget(id) {
  const others = {...drafts.value};
  delete others[id];
  drafts.value = others;
}

/** A saved draft is not needed any more once the state says the same. */
function forgetSaved() {
  for (const cell of book.value?.cells ?? []) {
    const draft = drafts.value[cell.cell];
    if (draft?.saved && Object.entries(draft.fields).every(([key, value]) => cell[key] === value))
      forget(cell.cell);
  }
}

/** A new cell after another one, or at the end. @returns {Promise<string | null>} its id */
export async function add(fields, after = "") {
  try {
    return (await ask("cell_add", {after, ...fields})).cell;
  } catch (error) {
    showError(error);
    return null;
  }
}

/** A new cell at a place, counted from 0. */
export async function insert(fields, place) {
  const before = cells.value[place - 1]?.cell ?? "";
  const id = await add(fields, before);
  if (id && place === 0 && cells.value.length > 1) await move(id, 0);
  return id;
}

export async function move(id, to) {
  await ask("cell_move", {cell: id, to}).catch(showError);
}

export async function remove(id) {
  const place = cells.value.findIndex((one) => one.cell === id);
  const {kind, name, source} = cells.value[place];
  try {
    await ask("cell_delete", {cell: id});
  } catch (error) {
    showError(error);
    return;
  }
  batch(() => {
    forget(id);
    deleted.value = {kind, name, source, place};
  });
}

/** Put the cell back that was deleted last. */
export async function putBack() {
  const {place, ...fields} = deleted.value;
  deleted.value = null;
  return insert(fields, Math.min(place, cells.value.length));
}

// ---- Running ----------------------------------------------------------------------------------------------

let waiting = 0; // how many requests to run cells have not been answered

/** Run a cell; with "cell_run_to" those above it as well, with "cell_run_all" all of them. */
export async function run(id, verb = "cell_run") {
  if (id) setResult(id, {...results.value[id], state: "asked"});
  waiting += 1;
  try {
    await saveAll();
    await ask(verb, id ? {cell: id} : {});
  } catch (error) {
    if (!NO_MISTAKES.includes(error.kind)) showError(error);
  }
  waiting -= 1;
  if (!waiting) settle();
  if (id) announcement.value = outcome(id);
  loadNames();
}

function outcome(id) {
  const result = results.value[id];
  if (!result) return "";
  const words = {error: `error. ${result.message}`, stale: `stale. ${result.message}`}[
    result.state
  ];
  return `${called(id)}: ${words ?? `done. ${result.shape_words ?? ""}`}`;
}

/** Nothing is asked for any more: what has not come by now never will. */
function settle() {
  const unfinished = ({state}) => state === "asked" || state === "running";
  const left = Object.entries(results.value).filter(([, result]) => !unfinished(result));
  if (left.length < Object.keys(results.value).length) results.value = Object.fromEntries(left);
}

function setResult(id, result) {
  results.value = {...results.value, [id]: result};
}

/** Ask for what has come of the cells before this page was there. */
export async function load() {
  const reply = await ask("cell_results").catch(() => ({results: {}}));
  results.value = {...reply.results, ...results.value};
  loadNames();
}

let namesTimer = 0;
function loadNames() {
  clearTimeout(namesTimer);
  namesTimer = setTimeout(async () => {
    names.value = (await ask("cell_names").catch(() => ({names: names.value}))).names ?? [];
  }, NAMES_AFTER);
}

function tell(error) {
  // A lost connection is shown elsewhere, and what was typed is kept.
  if (error.kind !== "Lost") showError(error);
}

// ---- What comes unasked -----------------------------------------------------------------------------------

onPush("cell", ({cell, result}) =>
  batch(() => {
    if (result.state !== "running") {
      setResult(cell, result);
      return;
    }
    ran.set(cell, cells.value.find((one) => one.cell === cell)?.source);
    printed.value = {...printed.value, [cell]: ""};
    setResult(cell, {...results.value[cell], state: "running"});
  }),
);
onPush("print", ({text, cell}) => {
  if (cell)
    printed.value = {
      ...printed.value,
      [cell]: ((printed.value[cell] ?? "") + text).slice(-MOST_PRINTED),
    };
});
onPush("worker", ({state}) => {
  if (state === "starting") clear();
});
/** Another worker knows nothing of what came before. */
function clear() {
  batch(() => {
    results.value = {};
    printed.value = {};
  });
  ran.clear();
}

let shownBook = null;
effect(() => {
  const now = book.value?.book ?? null;
  if (now !== shownBook) {
    if (shownBook) {
      clear();
      drafts.value = {};
      deleted.value = null;
    }
    shownBook = now;
  }
  forgetSaved();
});
effect(() => {
  if (connection.value === "open") saveAll().catch(tell);
});
