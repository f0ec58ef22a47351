/** @file What floats for a while: notes and mistakes. */
import {html} from "../vendor/ui.js";
import {dismiss, toasts} from "../state.js";

export function Toasts() {
  return html`
    <div class="toasts" role="region" aria-label="Messages">
      ${toasts.value.map(
        ({key, text, kind}) => html`
          <div key=${key} class=${`toast ${kind}`} role=${kind === "error" ? "alert" : "status"}>
            <p>${text}</p>
            <button class="icon" aria-label="Close this message" onClick=${() => dismiss(key)}>
              ×
            </button>
          </div>
        `,
      )}
    </div>
  `;
}
