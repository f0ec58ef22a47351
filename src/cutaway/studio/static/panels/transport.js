/** @file Buttons and a slider that walk through steps: merges, passes, the terms of a product. */
import {html} from "../vendor/ui.js";

/** Buttons and a slider that walk from 0 to `last`; keys of the slider do the same. */
export function Transport({done, last, go, word, words = `${word}s done`}) {
  return html`
    <div class="tk-steps" role="group" aria-label=${`Walk through the ${word}s`}>
      <button class="icon" aria-label="To the beginning" disabled=${done === 0}
        onClick=${() => go(0)}><${Arrow} d="M12 3 6 8l6 5M4 3v10" /></button>
      <button class="icon" aria-label=${`One ${word} back`} disabled=${done === 0}
        onClick=${() => go(done - 1)}><${Arrow} d="m10 3-6 5 6 5" /></button>
      <input type="range" min="0" max=${last} value=${done} disabled=${last === 0}
        aria-label=${words} onInput=${(event) => go(Number(event.currentTarget.value))} />
      <button class="icon" aria-label=${`One ${word} on`} disabled=${done === last}
        onClick=${() => go(done + 1)}><${Arrow} d="m6 3 6 5-6 5" /></button>
      <button class="icon" aria-label="To the end" disabled=${done === last}
        onClick=${() => go(last)}><${Arrow} d="m4 3 6 5-6 5m8-10v10" /></button>
      <output class="tk-number" aria-live="polite">
        <b>${done}</b> of ${last} <span class="tk-quiet">${words}</span>
      </output>
    </div>
  `;
}

function Arrow({d}) {
  return html`<svg viewBox="0 0 16 16" aria-hidden="true"><path d=${d} /></svg>`;
}
