/** @file A lesson beside the workbook: one screen of words, things to do, and questions. */
import {html, signal, useEffect, useRef} from "../vendor/ui.js";
import {book, view} from "../state.js";
import {visible} from "../text.js";
import {Paragraphs} from "./course/words.js";
import {Question} from "./course/question.js";
import {
  answered,
  closeCourse,
  doAct,
  doShown,
  ended,
  following,
  goOn,
  isAnswered,
  keyOf,
  lesson,
  makeChange,
  openLesson,
  piece,
  putBack,
  putCell,
  setTeaching,
  shownParts,
  teaching,
  verdicts,
  writeTokens,
} from "./course/state.js";

/** The column of the lesson that is open. */
export function LessonColumn() {
  const top = useRef(/** @type {HTMLElement | null} */ (null));
  const now = piece.value;
  const count = shownParts.value;
  useEffect(() => {
    doShown();
  }, [now, count]);
  useEffect(() => {
    top.current?.focus();
    top.current?.closest(".lesson")?.scrollTo(0, 0);
  }, [now, ended.value]);
  if (!now) return null;
  const pieces = lesson.value?.pieces ?? [now.heading];
  return html`
    <aside class=${`lesson ${teaching.value ? "teaching" : ""}`} aria-label="Lesson">
      <header class="lesson-head">
        <p class="label">Lesson ${lesson.value?.number ?? ""}</p>
        <span class="row push">
          <button class="button small" aria-pressed=${teaching.value}
            title="For a room: large type, and every answer at a click"
            onClick=${() => setTeaching(!teaching.value)}>Teach</button>
          <button class="icon" aria-label="Close the lesson" title="Close the lesson"
            onClick=${closeCourse}>×</button>
        </span>
        <h2>${now.title}</h2>
        <${Progress} pieces=${pieces} />
      </header>
      ${
        now.told_of &&
        html`
          <p class="lesson-other small">
            This lesson is told of the model <b>${now.told_of}</b>. The numbers are those of the open
            one, ${book.value.model.name}: where it differs, the sentences do not fit.
          </p>
        `
      }
      <h3 ref=${top} tabindex="-1">
        ${ended.value ? `Lesson ${lesson.value?.number} is read` : now.heading}
      </h3>
      ${
        ended.value
          ? html`
            <${End} />
          `
          : html`
            <div class="lesson-parts">
              ${now.parts.slice(0, count).map(
                (part, place) => html`<${Part} key=${`${now.lesson} ${now.piece} ${place}`}
                  part=${part} place=${place} />`,
              )}
            </div>
            <${Steps} pieces=${pieces} waiting=${isWaiting(now, count)} />
          `
      }
    </aside>
  `;
}

/** After the last screen: how it went, and where to go from here. */
function End() {
  const {asks = [], pieces = [], name = ""} = lesson.value ?? {};
  const done = answered();
  const [questions, right] = [asks, done].map((each) => each.reduce((sum, one) => sum + one, 0));
  const open = pieces
    .map((title, number) => ({title, number}))
    .filter(({number}) => done[number] < asks[number]);
  const next = following();
  return html`
    <div class="lesson-parts">
      <p>
        ${
          right === questions
            ? `You have answered all ${questions} questions.`
            : `You have answered ${right} of its ${questions} questions. The others wait for you in:`
        }
      </p>
      ${
        open.length > 0 &&
        html`
          <ul class="lesson-list">
            ${open.map(
              ({title, number}) => html`
                <li key=${number}>
                  <button class="link" onClick=${() => openLesson(name, number)}>${title}</button>
                </li>
              `,
            )}
          </ul>
        `
      }
      ${!next && html`<p>That was the last lesson: the machine is yours now.</p>`}
      <footer class="lesson-steps row">
        <button class="button" onClick=${() => openLesson(name, 0)}>Once more</button>
        <button class=${`button ${next ? "" : "primary"}`} onClick=${() => {
          closeCourse();
          view.value = "lessons";
        }}>All lessons</button>
        ${
          next &&
          html`
            <button class="button primary" onClick=${() => openLesson(next.name, 0)}>
              Next: ${next.title}
            </button>
          `
        }
      </footer>
    </div>
  `;
}

/** Whether a question of the screen has no answer yet. */
const isWaiting = (now, count) =>
  now.parts[count - 1]?.kind === "ask" && !isAnswered(verdicts.value[keyOf(count - 1)]);

/** Where one is among the screens of the lesson. */
function Progress({pieces}) {
  const now = /** @type {import("./course/state.js").Piece} */ (piece.value);
  return html`
    <ol class="lesson-progress" aria-label="Pieces of this lesson">
      ${pieces.map(
        (title, place) => html`
          <li key=${place}>
            <button aria-current=${place === now.piece ? "step" : null} title=${title}
              onClick=${() => openLesson(now.lesson, place)}>
              <span class="hidden-text">${place + 1}: ${title}</span>
            </button>
          </li>
        `,
      )}
    </ol>
  `;
}

function Steps({pieces, waiting}) {
  const now = /** @type {import("./course/state.js").Piece} */ (piece.value);
  const last = now.piece === pieces.length - 1;
  return html`
    <footer class="lesson-steps row">
      <button class="button" disabled=${now.piece === 0}
        onClick=${() => openLesson(now.lesson, now.piece - 1)}>Back</button>
      <button class=${`button ${waiting ? "" : "primary"}`} onClick=${goOn}>
        ${last ? "End of the lesson" : waiting ? "Go on without the answer" : "Go on"}
      </button>
      <span class="small quiet push">${now.piece + 1} of ${pieces.length}</span>
    </footer>
  `;
}

const PARTS = {
  prose: ({part}) => html`<${Paragraphs} blocks=${part.blocks} />`,
  ask: Question,
  exercise: Exercise,
  prompt: ({part}) => html`
    <p class="lesson-act">
      <button class="link" onClick=${() => doAct(part)}>Prompt: “${part.words}”</button>
    </p>
  `,
  show: ({part}) => html`
    <p class="lesson-act">
      <button class="link" onClick=${() => doAct(part)}>
        <span aria-hidden="true">→ </span><code>${part.words}</code>
      </button>
    </p>
  `,
  place: ({part}) => html`
    <p class="lesson-act">
      <button class="link" onClick=${() => doAct(part)}>
        <span aria-hidden="true">→ </span>${PLACES[part.fields.place]}
        ${part.fields.text && html`: <code>${part.fields.text}</code>`}
      </button>
    </p>
  `,
  change: Change,
  cell: ({part}) => html`
    <p class="lesson-act">
      <button class="button" onClick=${() => putCell(part.fields)}>Put on the scratch sheet</button>
      <code class="lesson-formula">${part.words}</code>
    </p>
  `,
  write: ({part}) => html`
    <p class="lesson-act">
      <button class="button" onClick=${() => writeTokens(Number(part.fields.count))}>
        Write ${part.fields.count} ${part.fields.count === "1" ? "token" : "tokens"}
      </button>
      <${Next} />
    </p>
  `,
  missing: ({part}) => html`
    <p class="lesson-act small quiet"><code>${part.words}</code>: the open model has nothing of the kind.</p>
  `,
};
const PLACES = {
  overview: "the whole machine",
  tokens: "tokens",
  writing: "writing",
  scratch: "the scratch sheet",
  weights: "weights and models",
  learning: "learning of tokens",
};

function Part({part, place}) {
  const Shown = PARTS[part.kind];
  return html`<${Shown} part=${part} place=${place} />`;
}

/** A change that the lesson offers, and the way back. */
function Change({part}) {
  const before = useRef(signal(/** @type {number | null} */ (null))).current;
  const {cursor} = book.value;
  useEffect(() => {
    // Undone, here or elsewhere: a later change is another one.
    if (before.value !== null && cursor <= before.value) before.value = null;
  }, [cursor]);
  const made = before.value !== null && cursor > before.value;
  return html`
    <p class="lesson-act">
      ${
        made
          ? html`
            <button class="button" onClick=${() => putBack(before.value)}>Put back</button>
          `
          : html`
            <button class="button primary" onClick=${async () => {
              before.value = await makeChange(part.change);
            }}>Change</button>
          `
      }
      <code class="lesson-formula">${part.words}</code>
      ${made && html`<${Next} />`}
    </p>
  `;
}

/** What comes next now, and what came before the changes. */
function Next() {
  const {prediction, prediction_before: before} = book.value;
  if (!prediction.length) return null;
  return html`
    <span class="small lesson-next" role="status">
      next: <span class="token">${visible(prediction[0].text)}</span>
      ${before && html`, was <span class="token">${visible(before[0].text)}</span>`}
    </span>
  `;
}

function Exercise({part, place}) {
  return html`
    <section class="lesson-exercise" aria-label=${`Exercise, part ${place + 1}`}>
      <p class="label">Try it</p>
      <${Paragraphs} blocks=${part.blocks} />
      ${
        part.answer.length > 0 &&
        html`
          <details>
            <summary>Answer</summary>
            <${Paragraphs} blocks=${part.answer} />
          </details>
        `
      }
    </section>
  `;
}
