/** @file What is in a workbook's file: all of it as text, before anything of it could run. */
import {html, signal} from "../../vendor/ui.js";
import {Dialog} from "../dialog.js";
import {say, showError} from "../../state.js";
import {post} from "../../server.js";
import {textOf} from "./files.js";

/** The file that is previewed: {name, text, model, prompt, changes, cells}, or null. */
const previewed = signal(null);

/** Show what a file holds. */
export async function preview(file) {
  const text = await textOf(file);
  const answer = await post("/save/look", {name: file.name, text});
  previewed.value = {name: file.name, text, ...(await answer.json())};
}

/** The dialog, which is there while a file is previewed. */
export function FilePreview({saveFirst}) {
  return (
    previewed.value &&
    html`<${Look} key=${previewed.value.name} saveFirst=${saveFirst} ...${previewed.value} />`
  );
}

function Look({name, text, model, prompt, changes, cells, saveFirst}) {
  const close = () => {
    previewed.value = null;
  };
  const openIt = async () => {
    try {
      await post("/save/open", {name, text});
      say(`${name} is open. Nothing of it has run yet.`);
      close();
    } catch (error) {
      showError(error);
    }
  };
  return html`
    <${Dialog} kind="look" labelledby="look-title" onClose=${close}>
      <h2 id="look-title">What is in <span class="mono">${name}</span></h2>
      <p>
        <b>Nothing of it has run.</b> Code that you run has your rights on this computer: read
        it first.
      </p>
      <dl>
        <dt>model</dt>
        <dd class="mono">${model}</dd>
        <dt>prompt</dt>
        <dd class="mono look-prompt">${prompt}</dd>
      </dl>
      <h3 class="label">Changes (${changes.length})</h3>
      ${
        changes.length
          ? html`
            <ol class="look-list">
              ${changes.map(
                ({words, code}, index) => html`
                  <li key=${index}>
                    ${words}
                    ${code && html`<${Code} text=${code} label=${words} />`}
                  </li>
                `,
              )}
            </ol>
          `
          : html`<p class="quiet">None.</p>`
      }
      <h3 class="label">Cells (${cells.length})</h3>
      ${
        cells.length
          ? html`
            <ol class="look-list">
              ${cells.map(
                ({cell, kind, name: called, source}) => html`
                  <li key=${cell}>
                    <b>${called || cell}</b> <span class="quiet">${kind}</span>
                    <${Code} text=${source} label=${called || cell} />
                  </li>
                `,
              )}
            </ol>
          `
          : html`<p class="quiet">None.</p>`
      }
      <p class="small quiet">
        It takes the place of the workbook that is open now.${" "}
        <button class="link" onClick=${saveFirst}>Save that one first</button>
      </p>
      <div class="row look-acts">
        <button class="button primary" onClick=${openIt}>Open it, run nothing</button>
        <button class="button" data-first onClick=${close}>Cancel</button>
      </div>
    </${Dialog}>
  `;
}

function Code({text, label}) {
  return html`<pre tabindex="0" role="region" aria-label=${`Code: ${label}`}>${text}</pre>`;
}
