/** @file A question of a lesson: a cell to pick, a number, a choice, or a change to be made. */
import {html, signal, useEffect, useRef} from "../../vendor/ui.js";
import {book, cell, select, table, tableInfo, view} from "../../state.js";
import {ask} from "../../server.js";
import {visible} from "../../text.js";
import {Paragraphs} from "./words.js";
import {answer, isAnswered, keyOf, piece, reveal, showTable, teaching, verdicts} from "./state.js";

const WAYS = {pick: Pick, number: Guess, choose: Choose, change: Change};
const NOT_RIGHT = {number: "Not yet.", change: "Not yet: the workbook says something else still."};

/** Which question of the piece it is, from 1. */
const number = (place) =>
  piece.value?.parts.slice(0, place + 1).filter(({kind}) => kind === "ask").length;

/** A question, its answer once there is one, and the way to see it. */
export function Question({part, place}) {
  const verdict = verdicts.value[keyOf(place)];
  const over = isAnswered(verdict);
  const Way = WAYS[part.how];
  const said = useRef(/** @type {HTMLElement | null} */ (null));
  const first = useRef(verdict).current;
  useEffect(() => {
    if (verdict && verdict !== first) said.current?.scrollIntoView({block: "nearest"});
  }, [verdict]);
  return html`
    <section class=${`lesson-ask ${over ? "over" : ""}`} aria-label=${`Question ${number(place)}`}>
      <p class="label">
        ${over ? (verdict.right ? "✓ Right" : "The answer") : "Your turn"}
      </p>
      <${Paragraphs} blocks=${part.blocks} />
      <${Way} part=${part} place=${place} verdict=${verdict} over=${over} />
      <div class="lesson-verdict" aria-live="polite" ref=${said}>
        ${
          over
            ? html`
              ${
                verdict.answer &&
                part.how !== "choose" &&
                html`
                <p><b>${verdict.answer}</b></p>
              `
              }
              <${Paragraphs} blocks=${verdict.because} />
            `
            : verdict &&
              html`
              <p class="changed">${NOT_RIGHT[part.how] ?? "Not that one."}</p>
              <${Paragraphs} blocks=${verdict.wrong} />
            `
        }
      </div>
      ${
        !over &&
        (verdict || teaching.value || part.how === "change") &&
        html`
          <button class="link small" onClick=${() => reveal(place)}>
            ${part.how === "change" ? "Show me one way" : "Show the answer"}
          </button>
        `
      }
    </section>
  `;
}

/** The text of the row or column that is picked, or its number. */
async function picked(part) {
  const side = part.row === null ? "row" : "column";
  const first = cell.value[side];
  const found = await ask("labels", {
    table: part.table,
    select: select.value,
    axis: side,
    first,
    count: 1,
  });
  return found.labels[0];
}

/** Whether a cell was chosen by hand, and not by the lesson that shows where to look. */
function useChosen() {
  const chosen = useRef(signal(false)).current;
  useEffect(() => {
    const see = (event) => {
      if (event.target.closest?.(".cutaway-grid")) chosen.value = true;
    };
    for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, see, true);
    return () => {
      for (const kind of ["pointerdown", "keydown"]) removeEventListener(kind, see, true);
    };
  }, []);
  return chosen.value;
}

function Pick({part, place, over}) {
  const text = useRef(signal("")).current;
  const chosen = useChosen();
  const here = view.value === "table" && table.value === part.table;
  const at = here && tableInfo.value?.name === part.table ? cell.value : null;
  const inRow = at && chosen && (part.row === null || at.row === part.row);
  useEffect(() => {
    let old = false;
    text.value = "";
    if (inRow && !over)
      picked(part).then(
        (found) => {
          if (!old) text.value = found;
        },
        () => {},
      );
    return () => {
      old = true;
    };
  }, [at?.row, at?.column, inRow]);
  if (over) return null;
  if (!here)
    return html`
      <p>
        <button class="button" onClick=${() => showTable(part)}>Show the table again</button>
      </p>
    `;
  return html`
    <p class="row">
      <button class="button primary" disabled=${!text.value}
        onClick=${() => answer(place, text.value)}>
        ${text.value ? html`Answer: <span class="mono">${visible(text.value)}</span>` : "Answer"}
      </button>
      <span class="small quiet">
        ${
          !at || !chosen
            ? "Click a cell of the table, or go there with the arrow keys."
            : inRow
              ? ""
              : "That is another row: the outlined one is asked for."
        }
      </span>
    </p>
  `;
}

function Guess({place, over}) {
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  const mistake = useRef(signal("")).current;
  if (over) return null;
  const id = `lesson-mistake-${place}`;
  return html`
    <form class="row" onSubmit=${async (event) => {
      event.preventDefault();
      const given = field.current?.value.trim();
      if (given) mistake.value = await answer(place, given);
    }}>
      <input class="field lesson-guess" ref=${field} aria-label="Your guess" autocomplete="off"
        placeholder="your guess" aria-invalid=${Boolean(mistake.value)} aria-describedby=${id} />
      <button class="button primary">Answer</button>
    </form>
    <p class="bad small" id=${id} role="alert" hidden=${!mistake.value}>${mistake.value}</p>
  `;
}

function Choose({part, place, verdict, over}) {
  return html`
    <ol class="lesson-options">
      ${part.options.map((blocks, index) => {
        const right = over && verdict.answer === String(index + 1);
        const tried = verdict?.given === String(index + 1);
        return html`
          <li key=${index}>
            <button class=${`lesson-option ${right ? "right" : ""} ${tried && !right ? "tried" : ""}`}
              disabled=${over} onClick=${() => answer(place, String(index + 1))}>
              ${right && html`<span class="good" aria-hidden="true">✓ </span>`}
              <${Paragraphs} blocks=${blocks} />
              ${right && html`<span class="hidden-text">: right</span>`}
            </button>
          </li>
        `;
      })}
    </ol>
  `;
}

/** The workbook itself answers: it is looked at after every change, and not before there is one. */
function Change({place, over}) {
  const {version, cursor} = book.value;
  const change = book.value.changes[cursor - 1];
  const first = useRef({version, change}).current;
  useEffect(() => {
    if (over || version === first.version || !change) return;
    if (change !== first.change && change.kind !== "prompt") answer(place, "");
  }, [version]);
  return over ? null : html`<p class="small quiet">Change the table; it is looked at at once.</p>`;
}
