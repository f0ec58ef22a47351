/** @file The changes drawer: what was done, in order; a click goes back, or forward again. */
import {html} from "../vendor/ui.js";
import {book, openTable} from "../state.js";
import {goTo} from "../actions.js";
import {COUNTS, calculatedWords, differentWords} from "./moved_by.js";
import {MovedGrid} from "./moved_grid.js";

const KINDS = {
  prompt: "prompt",
  append: "written",
  numbers: "numbers",
  mean: "mean",
  from_prompt: "patched",
  formula: "formula",
  operation: "operation",
};

export function ChangesTab() {
  const {changes, cursor, moved, trusted} = book.value;
  if (!changes.length) {
    return html`
      <p class="quiet">
        Nothing is changed. Type over any number, rewrite a formula, silence a head, or try
        another prompt: every change is listed here, and can be taken back.
      </p>
    `;
  }
  return html`
    <div class="changes">
      <ol class="change-list" aria-label="Changes, the oldest first">
        <li>
          <button class="change" aria-current=${cursor === 0 ? "step" : null}
            onClick=${() => goTo(0)} disabled=${!trusted}>
            <span class="callout">0</span>
            <span>as the model is</span>
          </button>
        </li>
        ${changes.map(
          (change, index) => html`
            <li key=${index}>
              <button class=${`change ${index >= cursor ? "undone" : ""}`}
                aria-current=${cursor === index + 1 ? "step" : null}
                onClick=${() => goTo(index + 1)} disabled=${!trusted}>
                <span class="callout">${index + 1}</span>
                <span class="label">${KINDS[change.kind]}</span>
                <code>${change.words}</code>
                ${
                  change.recalculated !== undefined &&
                  html`
                    <span class="quiet small number">
                      ${calculatedWords(change)}
                    </span>
                  `
                }
                ${change.note && html`<span class="small changed">${change.note}</span>`}
                ${index >= cursor && html`<span class="quiet small">undone</span>`}
              </button>
            </li>
          `,
        )}
      </ol>
      ${moved.length > 0 && html`<${Moved} />`}
    </div>
  `;
}

/** What is different now, by all changes in force: in words, and drawn. */
function Moved() {
  const {model, moved, moved_by: shares} = book.value;
  const steps = new Set(model.map.flatMap((one) => one.steps.map(({name}) => name)));
  const others = moved.filter((name) => !steps.has(name));
  const by = new Map(moved.map((name) => [name, shares[name] ?? null]));
  return html`
    <aside class="moved-list">
      <h3>${differentWords(moved.length - others.length, steps.size)}</h3>
      ${
        others.length > 0 &&
        html`
          <p class="small">
            Changed beside them:${" "}
            ${others.map(
              (name, index) => html`
                ${index > 0 && ", "}
                <button key=${name} class="link mono" onClick=${() => openTable(name)}>
                  ${name}
                </button>
              `,
            )}
          </p>
        `
      }
      <${MovedGrid} by=${by} label="What moved, block by step" />
      <p class="small quiet">${COUNTS}</p>
    </aside>
  `;
}
