/** @file The top of the page: model, prompt, its tokens, and the bars of the next token. */
import {html, signal, useEffect, useRef} from "../vendor/ui.js";
import {book, dialog, firstTable, openTable, tableOf, view} from "../state.js";
import {connection} from "../server.js";
import {canRedo, canUndo, interrupt, kill, redo, undo} from "../actions.js";
import {focusMiddle} from "../focus.js";
import {Hints, Prompt} from "./prompt.js";
import {ModelMenu} from "./model_menu.js";
import {SaveMenu} from "./save.js";
import {called} from "./scratch/cells.js";
import {fixed, percent, visible} from "../text.js";

const theme = signal(localStorage.getItem("cutaway-theme") ?? "auto");

function applyTheme() {
  if (theme.value === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
}
applyTheme();

function nextTheme() {
  // From the system's own colours to the others first: the first press is to be seen.
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const order = dark ? ["auto", "light", "dark"] : ["auto", "dark", "light"];
  theme.value = order[(order.indexOf(theme.value) + 1) % order.length];
  localStorage.setItem("cutaway-theme", theme.value);
  applyTheme();
  dispatchEvent(new Event("cutaway-theme"));
}

export function Top() {
  return html`
    <header class="top">
      <div class="top-first">
        <a class="skip" href="#grid" onClick=${skip}>Skip to the table</a>
        <h1 class="brand">
          <${Mark} />
          Cutaway
        </h1>
        <${ModelMenu} />
        <${Prompt} />
        <${Worker} />
        <${Steps} />
        <${SaveMenu} />
        <button class="icon" aria-label=${`Colours: ${theme.value}. Change`}
          title=${`Colours: ${theme.value}`} onClick=${nextTheme}>
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <circle cx="8" cy="8" r="5.5" />
            <path d="M8 2.5v11A5.5 5.5 0 0 0 8 2.5Z" fill="currentcolor" />
          </svg>
        </button>
        <button class="icon" aria-label="Find a table (Ctrl+K)" title="Find a table (Ctrl+K)"
          onClick=${() => {
            dialog.value = "palette";
          }}>
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <circle cx="7" cy="7" r="4.5" />
            <path d="m10.5 10.5 4 4" />
          </svg>
        </button>
        <button class="icon" aria-label="Help (?)" title="Help (?)" onClick=${() => {
          dialog.value = "help";
        }}>?</button>
      </div>
      ${
        connection.value === "lost" &&
        html`
          <p class="banner" role="alert">
            Cutaway has stopped, or this page lost it. Your changes are on the disk. Start${" "}
            <code>cutaway open</code> again, and open the address that it prints in any tab of
            this browser: this page then goes on by itself.
          </p>
        `
      }
      ${!book.value.trusted && html`<${Stranger} />`}
      <${Hints} />
      <div class="top-second">
        <${Tokens} />
        <${Next} />
      </div>
    </header>
  `;
}

function skip(event) {
  event.preventDefault();
  focusMiddle();
}

function Mark() {
  return html`
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d="M12 3.5A8.5 8.5 0 1 0 20.5 12H12Z" />
      <circle cx="12" cy="12" r="3.6" />
      <path class="warm" d="M14 3.8v6M17 5.2v4.6M20.2 10H14" />
    </svg>
  `;
}

/** Undo and redo: wherever one is, what was done can be taken back. */
function Steps() {
  return html`
    <span class="row top-steps">
      <button class="icon" aria-label="Undo" title="Undo (Ctrl+Z)" disabled=${!canUndo()}
        onClick=${undo}>
        <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M6 3 3 6l3 3M3 6h6a4 4 0 0 1 0 8H6" /></svg>
      </button>
      <button class="icon" aria-label="Redo" title="Redo (Ctrl+Y)" disabled=${!canRedo()}
        onClick=${redo}>
        <svg viewBox="0 0 16 16" aria-hidden="true"><path d="m10 3 3 3-3 3m3-3H7a4 4 0 0 0 0 8h3" /></svg>
      </button>
    </span>
  `;
}

function Worker() {
  const {state, doing} = book.value.worker;
  if (state === "ready") return null;
  const what = doing.replace(/\bc[0-9a-f]{8}\b/, called); // a cell is known by its name, not by its key
  const words = {
    starting: "starting",
    busy: what || "calculating",
    paused: "paused in the debugger",
    stopped: "stopped",
  }[state];
  return html`
    <span class="row small" role="status">
      <span class=${state === "stopped" ? "bad" : "busy"} title=${doing}>${words}</span>
      ${state === "busy" && html`<button class="button" onClick=${interrupt}>Interrupt</button>`}
      ${
        state !== "starting" &&
        html`
          <button class="button" onClick=${kill}
            title="End the process that calculates and start another; your changes are done again">
            ${state === "stopped" ? "Start again" : "Kill"}
          </button>
        `
      }
    </span>
  `;
}

function Stranger() {
  return html`
    <div class="banner row" role="region" aria-label="A workbook from a file">
      <p>
        This workbook came from a file. Its changes and cells are listed below as text;${" "}
        <b>nothing of it has run.</b> Code that you run has your rights.
      </p>
      <button class="button primary"
        onClick=${async () => (await import("../server.js")).ask("trust")}>
        Run this workbook
      </button>
    </div>
  `;
}

function Tokens() {
  const {tokens, n_prompt: given} = book.value;
  const strip = useRef();
  const rows = tableOf("token_embeddings") ?? firstTable(book.value.model);
  useEffect(() => {
    strip.current.scrollLeft = strip.current.scrollWidth;
  }, [tokens.length]);
  return html`
    <div class="next-head">
      <button class="link label" onClick=${() => {
        view.value = "tokens";
      }}>Tokens</button>
      <span class="number small quiet" title="tokens, of the positions that the model has">
        ${tokens.length}/${book.value.model.n_positions}
      </span>
    </div>
    <ol class="tokens-strip" ref=${strip} tabindex="0" aria-label="The tokens of the prompt">
      ${tokens.map(
        ({id, text, mark}, index) => html`
          <li key=${index}>
            <button class=${`piece ${index >= given ? "written" : ""} ${mark ? "mark" : ""}`}
              title=${
                `position ${index}: token ${id}` +
                `${mark ? ", the model’s own mark and no letters" : ""}` +
                `${index >= given ? ", written by the model" : ""}. Show its embedding`
              }
              onClick=${() => openTable(rows, {}, {row: index, column: 0})}>
              ${mark && html`<span class="hidden-text">special token${" "}</span>`}
              <b>${visible(text)}</b>
              <small class="number">${id}</small>
            </button>
          </li>
        `,
      )}
    </ol>
  `;
}

function Next() {
  const {prediction, prediction_before: before} = book.value;
  if (!prediction.length)
    return html`
      <section class="next" aria-label="The next token">
        <p class="small quiet">This model has no table of the next token’s probabilities.</p>
      </section>
    `;
  const most = Math.max(prediction[0].probability, before?.[0].probability ?? 0);
  const height = (share) => ({height: `${Math.max(1.5, (100 * share) / most)}%`});
  return html`
    <section class="next" aria-label="The next token">
      <div class="next-head">
        <button class="link label" onClick=${() => openTable(tableOf("next_probabilities"))}>
          Next token
        </button>
        ${before && html`<span class="small changed">now / was</span>`}
      </div>
      <ol class="bars">
        ${prediction.slice(0, before ? 5 : 6).map(
          (one) => html`
            <li key=${one.id} class=${`bar ${before ? "before" : ""}`}
              title=${`token ${one.id}${one.logit === null ? "" : `, logit ${fixed(one.logit, 3)}`}`}>
              <div class="bar-track" aria-hidden="true">
                ${before && html`<div class="bar-before" style=${height(one.was)}></div>`}
                <div class="bar-fill" style=${height(one.probability)}></div>
              </div>
              <b>${visible(one.text)}</b>
              <small>
                <span>${percent(one.probability)}</span>
                ${before && html`<s>${percent(one.was)}</s>`}
              </small>
            </li>
          `,
        )}
      </ol>
    </section>
  `;
}
