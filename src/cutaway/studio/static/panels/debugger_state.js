/** @file Where the debugger stands, what is watched, and the commands with their keys. */
import {effect, signal} from "../vendor/ui.js";
import {ask, onPush} from "../server.js";
import {book, showError} from "../state.js";

/**
 * The pause as the worker described it, with `changed`: the names whose value is new; null while
 * nothing is paused.
 */
export const paused = signal(null);
/** Whether a command is under way. */
export const going = signal(false);
/** The expressions that are watched. */
export const watched = signal(/** @type {string[]} */ ([]));

/** The commands of a pause: [command, words, key, pressed with Shift]. */
export const COMMANDS = [
  ["continue", "Continue", "F5", false],
  ["next", "Step over", "F10", false],
  ["step", "Step into", "F11", false],
  ["return", "Return", "F11", true],
  ["stop", "Stop", "", false],
];

let watchTold = false;
let lookedFor = false;

onPush("paused", (message) => {
  going.value = false;
  paused.value = {...message, changed: changedNames(paused.value, message)};
  lookedFor = false;
  tellWatch();
});
onPush("resumed", end);
onPush("worker", ({state}) => {
  if (state !== "paused" && state !== "busy") end();
});
addEventListener("keydown", pressed);
// A page that is opened during a pause has missed the push: what is watched is asked for, and it comes again.
effect(() => {
  if (book.value?.worker?.state !== "paused" || paused.peek() || lookedFor) return;
  lookedFor = true;
  send("watch");
});

function end() {
  paused.value = null;
  going.value = false;
  watchTold = false;
}

/** Go on, in one of the ways of COMMANDS. */
export async function go(command) {
  if (!paused.value || going.value) return;
  going.value = true;
  watchTold = true;
  await send(command);
}

/** Stop whatever runs at its next line. */
export function pause() {
  return send("pause");
}

/**
 * Calculate a table's step once more, line by line. It is done when the debugger is; an end by Stop
 * is no mistake.
 */
export async function stepInto(table) {
  try {
    await ask("step_into", {table});
  } catch (error) {
    if (error.kind !== "Stopped") showError(error);
  }
}

export function watch(expression) {
  if (watched.value.includes(expression)) return;
  watched.value = [...watched.value, expression];
  if (paused.value) send("watch");
}

export function unwatch(expression) {
  watched.value = watched.value.filter((one) => one !== expression);
  if (paused.value) send("watch");
}

async function send(command) {
  try {
    await ask("debug", {command, watch: watched.value});
  } catch (error) {
    going.value = false;
    showError(error);
  }
}

/**
 * A worker that has just started does not know what this tab watches. It is sent once a pause: tabs
 * may differ.
 */
function tellWatch() {
  const known = paused.value.watch.map((one) => one.name);
  const missing = watched.value.some((expression) => !known.includes(expression));
  if (!missing || watchTold) return;
  watchTold = true;
  send("watch");
}

function pressed(event) {
  if (!paused.value || event.ctrlKey || event.metaKey || event.altKey || !event.key.startsWith("F"))
    return;
  const found = COMMANDS.find(([, , key, shift]) => key === event.key && shift === event.shiftKey);
  if (!found) return;
  event.preventDefault();
  go(found[0]);
}

/** The locals whose value differs from the one that they had at the pause before, in the same function. */
function changedNames(before, now) {
  if (!before || before.function !== now.function || before.where !== now.where) return new Set();
  const old = new Map(before.locals.map((one) => [one.name, JSON.stringify(one)]));
  return new Set(
    now.locals.filter((one) => old.get(one.name) !== JSON.stringify(one)).map((one) => one.name),
  );
}
