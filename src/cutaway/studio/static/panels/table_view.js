/** @file The middle of the page: one table with its heading, formula, numbers, meaning and checks. */
import {html, signal, useEffect} from "../vendor/ui.js";
import {
  book,
  cell,
  depth,
  drawing,
  firstTable,
  freely,
  goBack,
  isTable,
  openTable,
  select,
  showPlace,
  table,
  tableInfo,
} from "../state.js";
import {ask} from "../server.js";
import {TableGrid} from "./table_grid.js";
import {FormulaBar} from "./formula.js";
import {Breadcrumb} from "./follow.js";
import {ChangeMenu} from "./change_menu.js";
import {Hint} from "./hint.js";
import {VerifiedMark} from "./verified.js";
import {Arcs, Bars, Histogram} from "../drawings/drawings.js";
import {duration, short as figures} from "../text.js";
import {lazy} from "../lazy.js";
import {Term} from "./term.js";

const DRAWINGS = {
  numbers: "Numbers",
  heat: "Heat",
  arcs: "Arcs",
  heads: "All heads",
  bars: "Bars",
  histogram: "Histogram",
  picture: "Picture",
};
const AllHeads = lazy(() =>
  import("../drawings/picture/all_heads.js").then((made) => made.AllHeads),
);
const Picture = lazy(() => import("../drawings/picture/picture.js").then((made) => made.Picture));
const failed = signal("");

/** Ask for what is known of the shown table, whenever it or its numbers change. */
function useTableView() {
  const {version} = book.value;
  const page = JSON.stringify(select.value);
  useEffect(() => {
    let old = false;
    ask("table_view", {table: table.value, select: select.value}).then(
      (answer) => {
        if (old) return;
        failed.value = "";
        tableInfo.value = {...answer, version};
        if (!answer.drawings.includes(drawing.value)) drawing.value = "numbers";
        // Of a whole vocabulary one wants the likeliest, in words.
        if (freely.value && answer.drawings.includes("bars")) drawing.value = "bars";
        freely.value = false;
      },
      (error) => {
        if (!old && error.kind !== "Lost") failed.value = error.message;
      },
    );
    return () => {
      old = true;
    };
  }, [version, table.value, page]);
}

export function TableView() {
  useTableView();
  const shown = tableInfo.value;
  return html`
    <main class="table-view" tabindex="-1" aria-label="Table">
      ${
        shown
          ? html`<${Head} shown=${shown} />`
          : html`<div class="table-head"><h1>${table.value}</h1></div>`
      }
      <${Meaning} shown=${shown} />
      ${
        shown?.formula
          ? html`<${FormulaBar} shown=${shown} />`
          : html`
            <div class="formula">
              <span class="label">${shown?.kind ?? ""}</span>
              <span class="small quiet">${shown?.origin ?? ""}</span>
            </div>
          `
      }
      <${Breadcrumb} key="way" />
      <div class="table-body" id="grid" key="body">
        ${
          failed.value &&
          html`
            <p class="table-failed bad" role="alert">
              ${failed.value}${" "}
              <button class="link" onClick=${() => {
                failed.value = "";
                openTable(firstTable(book.value.model));
              }}>Show another table</button>
            </p>
          `
        }
        ${shown && !failed.value && html`<${Drawn} shown=${shown} />`}
        <${Hint} />
      </div>
      <${Foot} shown=${shown} />
    </main>
  `;
}

function Drawn({shown}) {
  const Drawing = {arcs: Arcs, heads: AllHeads, bars: Bars, histogram: Histogram, picture: Picture}[
    drawing.value
  ];
  return html`
    <div class="grid-host" hidden=${Boolean(Drawing)}><${TableGrid} /></div>
    ${Drawing && html`<div class="drawing"><${Drawing} shown=${shown} /></div>`}
  `;
}

function Head({shown}) {
  const short = shown.step ?? shown.name.split(".").at(-1);
  return html`
    <div class="table-head">
      <button class="icon" aria-label="Back to the table before" title="Back"
        disabled=${!depth.value} onClick=${goBack}>
        <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M13 8H3m4-4-4 4 4 4" /></svg>
      </button>
      <${BlockStepper} shown=${shown} />
      ${
        shown.number &&
        html`
          <${Term} key="number" word="step number" kind="page" says=${shown.number}>
            <span class="callout">${shown.number}</span>
          </${Term}>
        `
      }
      <h1>${short}</h1>
      <${Star} key="star" shown=${shown} />
      ${shown.pages.map((page) => html`<${Pages} key=${page.axis} page=${page} />`)}
      <span class="push row">
        <${ChangeMenu} shown=${shown} />
        <span class="group" role="group" aria-label="Drawn as">
          ${shown.drawings.map(
            (key) => html`
              <button key=${key} class="button" aria-pressed=${drawing.value === key}
                onClick=${() => {
                  drawing.value = key;
                }}>${DRAWINGS[key]}</button>
            `,
          )}
        </span>
        <${Term} key=${drawing.value} word=${drawing.value} kind="page">?</${Term}>
      </span>
    </div>
  `;
}

/** Whether the table was changed, or moved by a change. */
function Star({shown}) {
  const word = shown.edited ? "pencil" : book.value.moved.includes(shown.name) ? "star" : "";
  if (!word) return null;
  return html`
    <${Term} key=${word} word=${word} kind="page">
      <span class="star">${{pencil: "✎", star: "★"}[word]}</span>
    </${Term}>
  `;
}

/** What the table is, at reading size, and its neighbours in the workbook. */
function Meaning({shown}) {
  return html`
    <div class="table-meaning">
      <p class="meaning">${shown?.explanation}</p>
      <p class="small quiet neighbours">
        <${Names} words="reads" word="precedent" names=${shown?.precedents ?? []} />
        <${Names} words="read by" word="dependent" names=${shown?.dependents ?? []} />
        <${VerifiedMark} table=${shown?.name} />
      </p>
    </div>
  `;
}

function Names({words, word, names}) {
  if (!names.length) return null;
  return html`
    <span>
      <${Term} word=${word} says=${words}>${words}</${Term}>${" "}
      ${names.map(
        (name, index) => html`
          ${index > 0 && ", "}
          ${
            isTable(name)
              ? html`
                <button key=${name} class="link mono" onClick=${() => openTable(name)}>
                  ${name}
                </button>
              `
              : html`<span key=${name} class="mono">${name}</span>`
          }
        `,
      )}
    </span>
  `;
}

/** From block to block at the same step. */
function BlockStepper({shown}) {
  const found = /^h(\d+)\.(.+)$/.exec(shown.name);
  if (!found)
    return html`
      <span class="label">
        ${{embed: "embeddings", head: "language head"}[shown.sheet] ?? shown.sheet ?? shown.kind}
      </span>
    `;
  const block = Number(found[1]);
  const last = book.value.model.n_layer - 1;
  const go = (to) => showPlace({block: Number(to), select: select.value, cell: cell.value});
  return html`
    <span class="row stepper">
      <button class="icon" aria-label="The block before" disabled=${block === 0}
        onClick=${() => go(block - 1)}>‹</button>
      <span class="label"><${Term} word="block" kind="axis" /></span>
      <label>
        <select class="field small" aria-label="Block" value=${block}
          onChange=${(event) => go(event.target.value)}>
          ${Array.from(
            {length: last + 1},
            (_, index) => html`<option key=${index} value=${index}>${index}</option>`,
          )}
        </select>
      </label>
      <button class="icon" aria-label="The next block" disabled=${block === last}
        onClick=${() => go(block + 1)}>›</button>
    </span>
  `;
}

/** Which head (or other page) of a table is shown. */
function Pages({page}) {
  const choose = (index) => {
    select.value = {...select.value, [page.axis]: index};
  };
  if (page.count > 16) {
    return html`
      <span class="row">
        <span class="label"><${Term} word=${page.axis} kind="axis" /></span>
        <input class="field small number" type="number" min="0" max=${page.count - 1}
          aria-label=${page.axis}
          value=${page.chosen} onChange=${(event) =>
            choose(Math.min(page.count - 1, Math.max(0, Number(event.target.value) || 0)))} />
      </span>
    `;
  }
  return html`
    <span class="row">
      <span class="label"><${Term} word=${page.axis} kind="axis" /></span>
      <span class="group" role="group" aria-label=${page.axis}>
        ${Array.from(
          {length: page.count},
          (_, index) => html`
            <button key=${index} class="button number" aria-pressed=${page.chosen === index}
              aria-label=${`${page.axis} ${index}`} onClick=${() => choose(index)}>${index}</button>
          `,
        )}
      </span>
    </span>
  `;
}

const summed = signal(/** @type {any} */ (null));

/** Sum, mean and count of a selected range. */
function RangeSum() {
  const range = cell.value;
  const many = range && (range.row !== range.row_end || range.column !== range.column_end);
  const key = many ? JSON.stringify([table.value, select.value, range, book.value.version]) : "";
  useEffect(() => {
    if (!key) return undefined;
    const waiting = setTimeout(() => {
      ask("range_sum", {table: table.value, select: select.value, ...cell.value}).then(
        (answer) => {
          summed.value = {key, ...answer};
        },
        () => {},
      );
    }, 120); // a range is drawn cell by cell
    return () => clearTimeout(waiting);
  }, [key]);
  if (!key || summed.value?.key !== key) return null;
  const {sum, mean, count} = summed.value;
  return html`
    <p class="small number range-sum" role="status">
      sum ${figures(sum)} · mean ${figures(mean)} · count ${count.toLocaleString("en")}
    </p>
  `;
}

function Foot({shown}) {
  if (!shown) return html`<div class="table-foot"></div>`;
  return html`
    <div class="table-foot">
      <p class="small quiet">
        ${shown.shape_words}
        ${shown.seconds != null && ` · calculated in ${duration(shown.seconds)}`}
      </p>
      <${RangeSum} />
      <div class="table-checks small">
        ${
          shown.checks.length > 0 &&
          html`<span class="quiet"><${Term} word="checks" kind="page" /></span>`
        }
        <ul class="checks" aria-label="Checks">
          ${shown.checks.map(
            (check) => html`
              <li key=${check.words} title=${check.found} class=${check.ok ? "good" : "bad"}>
                ${check.ok ? "✓" : "✗"} ${check.words}
                ${check.ok ? "" : `: ${check.found}`}
              </li>
            `,
          )}
        </ul>
      </div>
    </div>
  `;
}
