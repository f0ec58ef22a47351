/** @file The changes drawer: what was done, in order; a click goes back, or forward again. */
import {html} from "../vendor/ui.js";
import {book, openTable} from "../state.js";
import {goTo} from "../actions.js";

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
                      ${change.recalculated} calculated
                      ${change.first_row > 0 && `, rows from ${change.first_row} on,`} in${" "}
                      ${(change.seconds * 1000).toFixed(0)} ms
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
      ${
        moved.length > 0 &&
        html`
          <aside class="moved-list">
            <h3 class="label">${moved.length} tables moved</h3>
            <p>
              ${moved.slice(0, 60).map(
                (name, index) => html`
                  ${index > 0 && ", "}
                  <button key=${name} class="link mono small" onClick=${() => openTable(name)}>
                    ${name}
                  </button>
                `,
              )}
              ${moved.length > 60 && `, and ${moved.length - 60} more`}
            </p>
          </aside>
        `
      }
    </div>
  `;
}
