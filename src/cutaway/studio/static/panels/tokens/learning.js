/** @file What is being learned: the settings, the passes that came so far, and how to begin, step and stop. */
import {batch, signal} from "../../vendor/ui.js";
import {showError} from "../../state.js";
import {ask, onPush} from "../../server.js";
import {vocabulary} from "./where.js";

/** The paper's words: low 5 times, lower 2, newest 6, widest 3. */
export const PAPER = [["low", 5], ["lower", 2], ["newest", 6], ["widest", 3]]
  .map(([word, count]) => Array(count).fill(word).join(" ")).join("\n");
export const MOST_MERGES = 1000;
export const MOST_CHARACTERS = 200_000;

export const text = signal(PAPER);
/** Where a word's mark stands: "end" (the paper) or "front" (GPT-2). */
export const boundary = signal("end");
/** What decides among pairs that are equally frequent: "first-seen" or "lowest-ids". */
export const ties = signal("first-seen");
export const merges = signal(10);

/** The passes so far; the first record is the text before any merge. */
export const passes = signal([]);
/** Which of them is looked at. */
export const shown = signal(0);
export const isRunning = signal(false);
/** Whether no two neighbours are left to merge. */
export const isExhausted = signal(false);

let lessons = 0;
let arrived = [];
let learnedWith = "";

/** Learn all passes; those that are there already are kept. */
export async function run() {
  await learn(merges.value);
}

/** One pass on: the next one that is there, or else one more. */
export async function step() {
  if (!isStale() && shown.value < passes.value.length - 1) shown.value += 1;
  else await learn(isStale() ? 1 : passes.value.length);
}

/** End the learning; what was learned stays. */
export function stop() {
  ask("interrupt").catch(showError);
}

/** Put the paper's example, or a text, in place of what is there. */
export function take(words, mark, count) {
  batch(() => {
    text.value = words;
    boundary.value = mark;
    merges.value = count;
  });
}

/** Whether the passes belong to other settings than those of the form. */
export function isStale() {
  return passes.value.length === 0 || learnedWith !== settings();
}

async function learn(count) {
  if (isRunning.value) return;
  if (text.value.length > MOST_CHARACTERS) {
    showError(new Error(`The text has ${text.value.length.toLocaleString("en")} characters; at most `
      + `${MOST_CHARACTERS.toLocaleString("en")} are taken.`));
    return;
  }
  if (isStale()) {
    learnedWith = settings();
    batch(() => {
      passes.value = [];
      shown.value = 0;
      isExhausted.value = false;
    });
  }
  const first = passes.value.length;
  if (count < first) {
    shown.value = count;
    return;
  }
  const lesson = String(++lessons);
  const leave = onPush("learn", (record) => record.lesson === lesson && arrive(record));
  isRunning.value = true;
  try {
    const fields = {text: text.value, boundary: boundary.value, ties: ties.value, merges: Math.max(1, count), first, lesson,
      tokenizer: vocabulary.value};
    const {passes: made, stopped} = await ask("learn", fields);
    isExhausted.value = !stopped && made < count;
  } catch (error) {
    showError(error);
  } finally {
    leave();
    takeOver();
    isRunning.value = false;
  }
}

/** Passes come faster than anything is drawn: they are taken over together, once a frame. */
function arrive(record) {
  arrived.push(record);
  if (arrived.length === 1) requestAnimationFrame(takeOver);
}

function takeOver() {
  if (!arrived.length) return;
  batch(() => {
    passes.value = [...passes.value, ...arrived];
    shown.value = passes.value.length - 1;
  });
  arrived = [];
}

function settings() {
  const compared = boundary.value === "front" ? vocabulary.value : ""; // letters are in no vocabulary of bytes
  return JSON.stringify([text.value, boundary.value, ties.value, compared]);
}
