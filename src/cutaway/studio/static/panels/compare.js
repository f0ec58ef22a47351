/** @file Comparing: before and after, two prompts, two models; the tables that differ most first. */
import {computed, html, signal} from "../vendor/ui.js";
import {book, openTable, showError} from "../state.js";
import {ask} from "../server.js";
import {percent, short, visible} from "../text.js";
import {shareWords} from "./moved_by.js";
import {loadModels, models, openName} from "./weights/models.js";

const against = signal("before");
const prompt = signal("Sally is slow. She moves");
const model = signal("");
const result = signal(null);
const working = signal(false);

/**
 * Compare.
 * @param {string} [rows] which rows are beside each other; what suits, where it is not said
 */
async function compare(rows) {
  const {version, model: open} = book.value;
  working.value = true;
  const wanted = {
    before: {before: true},
    prompt: {prompt: prompt.value},
    model: {model: model.value},
  }[against.value];
  try {
    const found = await ask("compare", {with: wanted, ...(rows ? {rows} : {})});
    result.value = {...found, version, of: whatOf(open.name, found.ids), asked: against.value};
  } catch (error) {
    showError(error);
  } finally {
    working.value = false;
  }
}

/** What is compared: its tokens and its model. A comparison of others is none of this workbook. */
const whatOf = (name, ids) => JSON.stringify([name, ids]);
const ofWhat = () =>
  whatOf(
    book.value.model.name,
    book.value.tokens.map(({id}) => id),
  );

/** The models that one may compare with: all but the open one; null until they are known. */
const others = computed(
  () => models.value?.map(({name}) => name).filter((name) => name !== openName()) ?? null,
);

async function chooseModel() {
  await loadModels();
  model.value ||= others.value?.[0] ?? "";
}

export function CompareTab() {
  const found = result.value;
  return html`
    <form class="row" onSubmit=${(event) => {
      event.preventDefault();
      compare();
    }}>
      <label for="against">Compare with</label>
      <select id="against" class="field small" value=${against.value} onChange=${(event) => {
        against.value = event.target.value;
        if (against.value === "model") chooseModel();
      }}>
        <option value="before">the same prompt without my edits</option>
        <option value="prompt">another prompt</option>
        <option value="model">another model</option>
      </select>
      ${
        against.value === "prompt" &&
        html`
          <input class="field mono small" aria-label="The other prompt" size="34"
            value=${prompt.value} onInput=${(event) => {
              prompt.value = event.target.value;
            }} />
        `
      }
      ${
        against.value === "model" &&
        (others.value?.length
          ? html`
            <select class="field small" aria-label="The other model" value=${model.value}
              onChange=${(event) => {
                model.value = event.target.value;
              }}>
              ${others.value.map((name) => html`<option key=${name}>${name}</option>`)}
            </select>
          `
          : html`
            <span class="quiet small">
              ${
                others.value
                  ? "There is no other model on this computer: see “weights and models”."
                  : "…"
              }
            </span>
          `)
      }
      <button class="button primary"
        disabled=${working.value || (against.value === "model" && !model.value)}>
        ${working.value ? "Comparing …" : "Compare"}
      </button>
    </form>
    ${found && found.of === ofWhat() && html`<${Result} found=${found} />`}
    ${
      found &&
      found.of !== ofWhat() &&
      html`<p class="small quiet">The prompt or the model has changed since: compare again.</p>`
    }
  `;
}

function Next({here, there}) {
  if (!here) return null;
  return html`
    Next token: <span class="token">${visible(here.text)}</span> ${percent(here.probability)}, there${" "}
    <span class="token">${visible(there.text)}</span> ${percent(there.probability)}.
  `;
}

function Result({found}) {
  const old = found.version !== book.value.version;
  const {logits} = book.value.model.roles;
  return html`
    <div class=${`compared ${old ? "old" : ""}`}>
      <p class="small">
        ${found.words}
        ${old ? " (before your last change; compare again)" : ""}: ${found.rows.length} of${" "}
        ${found.compared} compared tables differ${
          logits ? ` (${logits}, the largest one, is not compared)` : ""
        }.${" "}
        <${Next} here=${found.prediction[0]} there=${found.prediction_other[0]} />
      </p>
      ${found.asked === "prompt" && html`<${Beside} found=${found} />`}
      ${
        found.rows.length > 0 &&
        html`
          <table class="plain" aria-label="Tables that differ, worst first">
            <thead>
              <tr>
                <th scope="col">table, worst first</th>
                <th scope="col">largest difference</th>
                <th scope="col">as a share of the largest number</th>
                <th scope="col">cells</th>
                <th scope="col">at</th>
                <th scope="col">there</th>
                <th scope="col">here</th>
              </tr>
            </thead>
            <tbody>
              ${found.rows.map(
                (row) => html`
                  <tr key=${row.table}>
                    <td>
                      <button class="link mono" onClick=${() => openAt(row)}>${row.table}</button>
                    </td>
                    <td class="number">${short(row.largest)}</td>
                    <td>
                      <span class="meter">
                        <i style=${{width: `${Math.min(100, row.relative * 100)}%`}}></i>
                      </span>${" "}
                      <span class="number">${shareWords(row.relative)}</span>
                    </td>
                    <td class="number">${row.cells.toLocaleString("en")}</td>
                    <td class="number">${placeInWords(row)}</td>
                    <td class="number">${short(row.before)}</td>
                    <td class="number">${short(row.after)}</td>
                  </tr>
                `,
              )}
            </tbody>
          </table>
        `
      }
    </div>
  `;
}

const WAYS = {word: "by the word", end: "from the end", start: "from the start"};

/** Which rows are beside each other, in words, and the other ways to lay them. */
function Beside({found}) {
  const {how, words, only_here: here, only_there: there} = found.rows_beside;
  const texts = (places, tokens) =>
    places.map((place) => html`<span key=${place} class="token">${visible(tokens[place])}</span> `);
  return html`
    <p class="small beside">
      ${words}${" "}
      ${here.length > 0 && html`Only here: ${texts(here, textsHere())}`}
      ${there.length > 0 && html`Only there: ${texts(there, found.tokens_other)}`}
    </p>
    <div class="row small beside" role="group" aria-label="Compare rows">
      ${Object.entries(WAYS).map(
        ([way, called]) => html`
          <button key=${way} class="button" type="button" aria-pressed=${how === way}
            disabled=${working.value} onClick=${() => compare(way)}>${called}</button>
        `,
      )}
    </div>
  `;
}

/** The tokens of the open prompt: those that were compared, or nothing of it is shown. */
const textsHere = () => book.value.tokens.map(({text}) => text);

/** Where a cell is: a number along each axis, with the token where it is one of the prompt. */
function placeInWords({place, axes}) {
  const token = (number) => visible(book.value.tokens[number]?.text ?? "");
  return place
    .map((number, index) =>
      ["position", "source"].includes(axes[index]) ? `${number} “${token(number)}”` : number,
    )
    .join(", ");
}

function openAt({table, place, axes}) {
  const pages = Object.fromEntries(axes.slice(0, -2).map((axis, index) => [axis, place[index]]));
  const [row, column = 0] = axes.length > 1 ? place.slice(-2) : place;
  openTable(table, pages, {row, column});
}
