/** @file The scratch sheet: cells of one's own, one below the other. */
import {Fragment, html, useEffect} from "../vendor/ui.js";
import {book, firstTable} from "../state.js";
import {CellPart} from "./scratch/cell.js";
import {
  cells,
  deleted,
  insert,
  load,
  names,
  putBack,
  results,
  run,
  announcement,
} from "./scratch/cells.js";
import {focusEditor} from "./scratch/focus.js";
import {Welcome} from "./scratch/welcome.js";

/** The place in the middle of the page that shows the scratch sheet. */
export function ScratchView() {
  useEffect(() => {
    load();
  }, [book.value.book]);
  const list = cells.value;
  return html`
    <section class="sc" aria-label="Scratch sheet">
      <${Bar} list=${list} />
      ${list.length === 0 && !deleted.value && html`<${Welcome} />`}
      <div class="sc-list">
        ${list.map(
          (cell, place) => html`
            <${Fragment} key=${cell.cell}>
              <${Between} place=${place} />
              <${CellPart} cell=${cell} place=${place} />
            </${Fragment}>
          `,
        )}
        <${Between} key="end" place=${list.length} open=${true} />
      </div>
      <${NamesOfCells} />
      <p class="hidden-text" role="status">${announcement.value}</p>
    </section>
  `;
}

function Bar({list}) {
  const waiting = list.filter(
    (cell) => !["done", "error", "running", "asked"].includes(results.value[cell.cell]?.state),
  ).length;
  return html`
    <header class="sc-top">
      <h1>Scratch sheet</h1>
      <span class="quiet small">${summary(list.length, waiting)}</span>
      <button class="button" disabled=${!list.length || !book.value.trusted}
        onClick=${() => run(null, "cell_run_all")}>Run all</button>
    </header>
  `;
}

function summary(count, waiting) {
  if (!count) return "formulas and code of your own over the tables of this run";
  const words = count === 1 ? "1 cell" : `${count} cells`;
  if (!book.value.trusted) return `${words}; nothing of this workbook runs before you say so`;
  return waiting ? `${words}, ${waiting} to be run` : words;
}

/** Where a cell may be put in, and where one that was deleted may be put back. */
function Between({place, open = false}) {
  const put = async (kind) => {
    const id = await insert({kind}, place);
    if (id) focusEditor(id);
  };
  const gone = deleted.value?.place === place ? deleted.value : null;
  return html`
    ${
      gone &&
      html`
        <div class="sc-gone" role="status">
          <span>${gone.name ? html`<code>${gone.name}</code>` : "A cell"} was deleted.</span>
          <button class="link" onClick=${putBack}>Put it back</button>
          <button class="icon" aria-label="Close this message" onClick=${() => {
            deleted.value = null;
          }}>×</button>
        </div>
      `
    }
    <div class=${`sc-between ${open ? "open" : ""}`}>
      <button onClick=${() => put("formula")} aria-label=${`Add a formula ${wordsFor(place)}`}>
        + formula
      </button>
      <button onClick=${() => put("code")} aria-label=${`Add code ${wordsFor(place)}`}>
        + code
      </button>
    </div>
  `;
}

const wordsFor = (place) =>
  place === cells.value.length ? "at the end" : `above cell ${place + 1}`;

/** What can be named besides the tables. */
function NamesOfCells() {
  const others = names.value.filter(({kind}) => kind !== "table");
  if (!others.length) return null;
  return html`
    <details class="sc-names">
      <summary>What a cell can name</summary>
      <p>
        Every table by its full name, such as <code>${firstTable(book.value.model)}</code>. Rows by
        number or by token: <code>[3]</code>, <code>[" king"]</code>. Other cells by their names. And:
      </p>
      <dl>
        ${others.map(
          ({name, words}) => html`
            <div key=${name}>
              <dt><code>${name}</code></dt>
              <dd>${words}</dd>
            </div>
          `,
        )}
      </dl>
    </details>
  `;
}
