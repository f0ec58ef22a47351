/** @file The model map: tokens, embeddings, the blocks, the head; every table one click away. */
import {html, signal, useEffect} from "../vendor/ui.js";
import {book, edited, moved, openTable, table, tableInfo, view} from "../state.js";
import {ask} from "../server.js";
import {count as whole, percent, visible} from "../text.js";

const filter = signal("");
const unfolded = signal("");
/** Whether the weights of an unfolded sheet are listed. */
const withWeights = signal(false);
/** For each block what it changes at each token, and what would come next if the model ended there. */
const glance = signal(null);

export function ModelMap() {
  const {version, model, cells} = book.value;
  useEffect(() => {
    const waiting = setTimeout(async () => {
      glance.value = await ask("glance").catch(() => glance.value);
    }, 300); // the numbers in view come first
    return () => clearTimeout(waiting);
  }, [version]);
  const key = table.value.includes(".") ? table.value.split(".")[0] : tableInfo.value?.sheet;
  useEffect(() => {
    const shown = view.value === "table" && model.map.some((one) => one.key === key);
    if (shown) unfolded.value = key;
  }, [key, view.value]);
  const words = filter.value.trim().toLowerCase();
  return html`
    <nav class="map" aria-label="Model map">
      <div class="map-head">
        <h2 class="label">The model</h2>
        <span class="small quiet">${model.n_layer} blocks, ${model.n_embd} wide</span>
      </div>
      <p class="map-cost small quiet"
        title=${
          "From the prompt to its next token: always the same number for " +
          `${book.value.tokens.length} tokens, whatever they say`
        }>
        ${cost(book.value)}
      </p>
      <input class="field small" type="search" placeholder="filter by name …"
        aria-label="Filter the tables" value=${filter.value} onInput=${(event) => {
          filter.value = event.target.value;
        }} />
      <ol>
        ${
          !words &&
          html`
            <li class="map-sheet">
              <${Title} mark="o" words="overview" on=${view.value === "overview"} act=${() => {
                view.value = "overview";
              }} />
            </li>
            <li class="map-sheet">
              <${Title} mark="?" words="lessons" on=${view.value === "lessons"} act=${() => {
                view.value = "lessons";
              }} />
            </li>
            <li class="map-sheet">
              <${Title} mark="#" words="tokens" on=${view.value === "tokens"} act=${() => {
                view.value = "tokens";
              }} />
            </li>
          `
        }
        ${model.map.map((one) => html`<${MapSheet} key=${one.key} one=${one} words=${words} />`)}
      </ol>
      ${
        words &&
        !model.map.some((one) =>
          [...one.steps.map(({name}) => name), ...one.weights].some((name) => matches(name, words)),
        ) &&
        html`
          <p class="map-cost small quiet" role="status">
            No table is called so. Ctrl+K looks for meanings and formulas too.
          </p>
        `
      }
      <ol>
        <li class="map-sheet">
          <${Title} mark="…" words="writing" on=${view.value === "writing"} act=${() => {
            view.value = "writing";
          }} />
        </li>
        <li class="map-sheet">
          <${Title} mark="!" words="surprise" on=${view.value === "surprise"} act=${() => {
            view.value = "surprise";
          }} />
        </li>
        <li class="map-sheet">
          <${Title} mark="+" words=${`scratch sheet${cells.length ? ` (${cells.length})` : ""}`}
            on=${view.value === "scratch"} act=${() => {
              view.value = "scratch";
            }} />
        </li>
        <li class="map-sheet">
          <${Title} mark="w" words="weights and models" on=${view.value === "weights"}
            act=${() => {
              view.value = "weights";
            }} />
        </li>
      </ol>
    </nav>
  `;
}

function Title({mark, words, on, act, expanded, children}) {
  return html`
    <button class="map-title" aria-current=${on ? "true" : null} aria-expanded=${expanded ?? null}
      onClick=${act}>
      <span class="callout" aria-hidden="true">${mark}</span>
      <span>${words}</span>
      ${children}
    </button>
  `;
}

/** How much calculating this prompt is. */
function cost({n_multiplications: count}) {
  if (count === null) return "";
  const sizes = [
    {least: 1e12, word: "million million"},
    {least: 1e9, word: "thousand million"},
    {least: 1e6, word: "million"},
  ];
  const size = sizes.find(({least}) => count >= least);
  const words = size ? `${(count / size.least).toPrecision(3)} ${size.word}` : whole(count);
  return `${words} multiplications`;
}

const NAMES = {embed: "embeddings", head: "language head"};
/** What a sheet is called: "block 3", "language head". */
export const sheetWords = ({key, block}) =>
  block === null ? (NAMES[key] ?? key) : `block ${block}`;
const MARKS = {embed: "e", head: "h"};

function MapSheet({one, words}) {
  const steps = one.steps.filter(({name}) => matches(name, words));
  const weights = one.weights.filter((name) => matches(name, words));
  if (words && !steps.length && !weights.length) return null;
  const open = Boolean(words) || unfolded.value === one.key;
  const mine =
    view.value === "table" &&
    (table.value.startsWith(`${one.key}.`) ||
      one.steps.some(({name}) => name === table.value) ||
      one.weights.includes(table.value));
  const stars =
    one.steps.some(({name}) => moved.value.has(name)) ||
    one.weights.some((name) => moved.value.has(name));
  return html`
    <li class="map-sheet">
      <${Title} mark=${one.block ?? MARKS[one.key] ?? one.key[0]}
        words=${sheetWords(one)} on=${mine}
        expanded=${open} act=${() => unfold(one)}>
        ${
          stars &&
          html`
            <span class="star" title="an edit moved tables here">
              ★<span class="hidden-text"> moved</span>
            </span>
          `
        }
        ${one.block !== null && html`<${Glance} block=${one.block} />`}
      </${Title}>
      ${
        open &&
        html`
          <ol class="map-steps">
            ${steps.map(
              ({name, number, heading}) => html`
                ${heading && html`<li class="map-heading small">${heading}</li>`}
                <${Entry} key=${name} name=${name} number=${number}
                  prefix=${one.block === null ? "" : `${one.key}.`} />
              `,
            )}
            ${weights.length > 0 && html`<${Weights} one=${one} names=${weights} all=${Boolean(words)} />`}
          </ol>
        `
      }
    </li>
  `;
}

/** The weights of a sheet: folded, unless they are looked for or one of them is shown. */
function Weights({one, names, all}) {
  const open = all || withWeights.value || (view.value === "table" && names.includes(table.value));
  return html`
    <li>
      <button class="map-step quiet" aria-expanded=${open} onClick=${() => {
        withWeights.value = !open;
      }}>
        <small aria-hidden="true">${open ? "▾" : "▸"}</small>
        <span>weights (${names.length})</span>
      </button>
    </li>
    ${
      open &&
      names.map(
        (name) => html`
          <${Entry} key=${name} name=${name} number=""
            prefix=${one.block === null ? "" : `${one.key}.`} />
        `,
      )
    }
  `;
}

/** Unfold a sheet; from one block to another, the same step stays in view. */
function unfold(one) {
  if (unfolded.value === one.key) {
    unfolded.value = "";
    return;
  }
  unfolded.value = one.key;
  const step = table.value.split(".")[1];
  const same =
    one.steps.find(({name}) => name === `${one.key}.${step}`) ??
    one.weights.map((name) => ({name})).find(({name}) => name === `${one.key}.${step}`);
  openTable((same ?? one.steps[0]).name, {}, null);
}

function Entry({name, number, prefix}) {
  const here = view.value === "table" && table.value === name;
  return html`
    <li>
      <button class="map-step" aria-current=${here ? "true" : null}
        onClick=${() => openTable(name)} title=${name}>
        <small>${number}</small>
        <span>${name.slice(prefix.length)}</span>
        ${
          moved.value.has(name) &&
          html`
            <span class="star" title=${edited.value.has(name) ? "edited" : "moved by an edit"}>
              ${edited.value.has(name) ? "✎" : "★"}
              <span class="hidden-text">${edited.value.has(name) ? " edited" : " moved"}</span>
            </span>
          `
        }
      </button>
    </li>
  `;
}

function Glance({block}) {
  const one = glance.value?.blocks[block];
  if (!one) return html`<span class="strip"></span>`;
  return html`
    <span class="strip" aria-hidden="true" title="how much this block changes each token">
      ${one.changes.map(
        (share, index) => html`<i key=${index} style=${{opacity: 0.08 + 0.92 * share}}></i>`,
      )}
    </span>
    <span class="lens"
      title=${`If the model ended here: ${visible(one.text)}, ${percent(one.probability)}`}>
      ${visible(one.text)}
    </span>
  `;
}

/** Whether a name holds every word, in any order. */
function matches(name, words) {
  return words.split(/\s+/).every((word) => name.toLowerCase().includes(word));
}
