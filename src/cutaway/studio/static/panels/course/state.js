/**
 * @file The course's state: the list of lessons, the screen that is open, what was answered; and
 * what its acts do to the workbook.
 *
 * A lesson is done in a workbook of its own: one that was changed is put away before.
 */
import {batch, computed, signal} from "../../vendor/ui.js";
import {ask} from "../../server.js";
import {book, drawerOpen, say, showError, showPlace, view} from "../../state.js";
import {change, goTo, setPrompt} from "../../actions.js";

/** @typedef {import("../../messages.js").LessonPiece} Piece */
/** @typedef {import("../../messages.js").LessonPart} Part */
/** @typedef {import("../../messages.js").Verdict} Verdict */

const KEPT = "cutaway-lesson";
const ANSWERS = "cutaway-lesson-answers";

/** All lessons, once they are known. */
export const lessons = signal(
  /** @type {import("../../messages.js").LessonOfCourse[] | null} */ (null),
);
/** The screen that is open; null when the course is closed. */
export const piece = signal(/** @type {Piece | null} */ (null));
/** What was said of answers, by "lesson/piece/part". */
export const verdicts = signal(/** @type {Record<string, Verdict & {given: string}>} */ ({}));
/** Whether somebody teaches: large type, and answers at a click. */
export const teaching = signal(localStorage.getItem("cutaway-teaching") === "yes");

/** Whether the end of the open lesson is shown. */
export const ended = signal(false);

export const keyOf = (part) => `${piece.value?.lesson}/${piece.value?.piece}/${part}`;

/** How many parts of the screen are shown: up to the first question without its answer. */
export const shownParts = computed(() => {
  if (!piece.value) return 0;
  const waiting = piece.value.parts.findIndex(
    (part, place) => part.kind === "ask" && !isAnswered(verdicts.value[keyOf(place)]),
  );
  return waiting < 0 ? piece.value.parts.length : waiting + 1;
});

/** Whether a question is over: it was answered rightly, or its answer was looked up. */
export const isAnswered = (verdict) =>
  Boolean(verdict && (verdict.right || verdict.because.length || verdict.answer));

/** The lesson that is open, as it stands in the list. */
export const lesson = computed(() => lessons.value?.find(({name}) => name === piece.value?.lesson));

/** Ask for the list, with how far each lesson was read. */
export async function loadLessons() {
  lessons.value = (await ask("lessons")).lessons;
}

// ---- Going through a lesson -------------------------------------------------------------------------------

/** Open a screen of a lesson; the workbook follows. */
export async function openLesson(name, number) {
  try {
    const next = await ask("lesson_piece", {lesson: name, piece: number});
    await prepare(next);
    batch(() => {
      done.clear();
      piece.value = next;
      ended.value = false;
      if (view.value === "lessons") view.value = "overview"; // the list has said its part
      drawerOpen.value = false; // the table needs the room
    });
    remember({lesson: name, piece: number, book: book.value.book});
    await loadLessons();
  } catch (error) {
    showError(error);
  }
}

/** The workbook as the screen wants it: its own, on its prompt, with nothing changed. */
async function prepare(next) {
  const own = kept()?.book === book.value.book;
  const touched = book.value.cursor > 0 || book.value.cells.length > 0;
  if (!own && touched) {
    await ask("new", {prompt: next.prompt});
    say("The lesson has a workbook of its own. Yours is kept as it was.");
    return;
  }
  if (book.value.cursor > 0) await ask("reset");
  if (book.value.prompt !== next.prompt) await setPrompt(next.prompt);
}

/** The next screen, or the end of the lesson. */
export async function goOn() {
  const now = /** @type {Piece} */ (piece.value);
  const last = (lesson.value?.pieces.length ?? 1) - 1;
  if (now.piece < last) {
    await openLesson(now.lesson, now.piece + 1);
    return;
  }
  await ask("lesson_done", {lesson: now.lesson}).catch(showError);
  await loadLessons();
  ended.value = true;
}

/** The lesson after the open one. */
export const following = () =>
  lessons.value?.find(({number}) => number === (lesson.value?.number ?? 0) + 1);

export function closeCourse() {
  piece.value = null;
  ended.value = false;
  const last = kept();
  remember(last ? {...last, lesson: ""} : null);
}

export function setTeaching(on) {
  teaching.value = on;
  localStorage.setItem("cutaway-teaching", on ? "yes" : "no");
}

/** After a reload the lesson is open where it was. */
export async function resume() {
  const last = kept();
  if (!last?.lesson || piece.value) return;
  verdicts.value = answersKept();
  await openLesson(last.lesson, last.piece);
}

/** Where this tab is in the course, and in which workbook. */
function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  } catch {
    return null;
  }
}

function remember(place) {
  sessionStorage.setItem(KEPT, JSON.stringify(place));
}

// ---- Acts -------------------------------------------------------------------------------------------------

/** The acts of this screen that were done by themselves, by their place. */
const done = new Set();

/** Do what is now shown and does itself: another prompt, a table, a place. */
export async function doShown() {
  const now = piece.value;
  for (const [place, part] of (now?.parts ?? []).slice(0, shownParts.value).entries()) {
    if (done.has(place) || piece.value !== now) continue;
    done.add(place);
    await doAct(part);
  }
}

/** Do one act that needs no click. */
export async function doAct(part) {
  if (part.kind === "prompt" && book.value.prompt !== part.words) await setPrompt(part.words);
  if (part.kind === "place") await showNamedPlace(part.fields);
  if (part.kind === "show" || (part.kind === "ask" && part.table)) showTable(part);
}

export function showTable({table, select, row, column, view: drawing}) {
  const at = row === null && column === null ? null : {row: row ?? 0, column: column ?? 0};
  showPlace({
    table,
    select,
    lines: {...(row === null ? {} : {row}), ...(column === null ? {} : {column})},
    ...(at ? {cell: at} : {}),
    ...(drawing ? {drawing} : {}),
  });
}

async function showNamedPlace({place, vocabulary, text}) {
  if (place === "tokens") {
    const tokens = await import("../tokens/state.js");
    tokens.chooseVocabulary(vocabulary === "gpt2" ? "gpt2" : "model");
    if (text) tokens.showMerging(text);
    else tokens.tab.value = "prompt";
  }
  if (place === "learning") {
    const tokens = await import("../tokens/state.js");
    tokens.tab.value = "learn";
  }
  view.value = place === "learning" ? "tokens" : place;
}

/** Put a formula on the scratch sheet, or over the one of its name, and run it. */
export async function putCell({name, source}) {
  const {cells, insert, run, write} = await import("../scratch/cells.js");
  view.value = "scratch";
  const known = cells.value.find((one) => one.name === name);
  if (known) write(known.cell, {source});
  const id = known?.cell ?? (await insert({kind: "formula", name, source}, cells.value.length));
  if (!id) return;
  await run(id);
  document.getElementById(`cell-${id}`)?.scrollIntoView({block: "nearest"});
}

/** Write the likeliest tokens. */
export async function writeTokens(count) {
  await ask("generate", {temperature: 0, count}).catch(showError);
}

/** Make a change that a lesson offers. @returns {Promise<number | null>} where to go back to */
export async function makeChange(entry) {
  const before = book.value.cursor;
  return (await change(entry)) ? before : null;
}

export const putBack = (cursor) => goTo(cursor);

// ---- Questions --------------------------------------------------------------------------------------------

async function judge(place, given, lookedUp) {
  const now = /** @type {Piece} */ (piece.value);
  const key = keyOf(place);
  const verdict = await ask("lesson_answer", {
    lesson: now.lesson,
    piece: now.piece,
    part: place,
    given,
    reveal: lookedUp,
  });
  verdicts.value = {...verdicts.value, [key]: {...verdict, given}};
  sessionStorage.setItem(
    ANSWERS,
    JSON.stringify({model: book.value.model.name, verdicts: verdicts.value}),
  );
  return verdict;
}

/** Have an answer judged. @returns {Promise<string>} why it is no answer, "" when it is one */
export async function answer(place, given) {
  try {
    await judge(place, given, false);
    return "";
  } catch (error) {
    return error.message;
  }
}

/** Look an answer up; the changes that were asked for are made. */
export async function reveal(place) {
  try {
    const verdict = await judge(place, "", true);
    for (const entry of verdict.solution) await change(entry);
  } catch (error) {
    showError(error);
  }
}

/** What was answered in this tab before a reload. */
function answersKept() {
  try {
    const {model, verdicts: known} = JSON.parse(sessionStorage.getItem(ANSWERS) ?? "{}");
    return model === book.value.model.name ? known : {};
  } catch {
    return {};
  }
}

/** How many questions of each piece of the open lesson were answered rightly, without a look. */
export const answered = () =>
  (lesson.value?.asks ?? []).map(
    (_, number) =>
      Object.entries(verdicts.value).filter(
        ([key, {right}]) => right && key.startsWith(`${piece.value?.lesson}/${number}/`),
      ).length,
  );
