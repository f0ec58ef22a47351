/**
 * @file A model that is being put together from dropped files: what is there, what is missing, and
 * then its name.
 */
import {html, useEffect, useRef} from "../../vendor/ui.js";
import {Choosers} from "./bring_in.js";
import {check, choices, choose, doing, found, letGo, progress, sent, upload} from "./dropping.js";
import {Finish} from "./finish.js";
import {Files} from "./files.js";
import {missingWords, Plates} from "./plates.js";
import {bytes, count, several} from "./words.js";

export function Assembly() {
  const told = found.value;
  const section = useRef();
  useEffect(() => section.current.scrollIntoView({block: "nearest"}), []);
  return html`
    <section class="wt-section" aria-labelledby="wt-assembly" ref=${section}>
      <header class="wt-head">
        <h2 class="label" id="wt-assembly">What you dropped</h2>
        <p class="quiet small">More files can be dropped anywhere here.</p>
        <div class="row">
          <${Choosers} />
          <button class="button" onClick=${letGo}>Let it all go</button>
        </div>
      </header>
      <${Verdict} told=${told} />
      ${told?.ready && doing.value !== "sending" && html`<${Finish} told=${told} />`}
      <${Files} />
      ${
        told?.tensors.length > 0 &&
        html`<${Plates} name="The tensors of the model" tensors=${told.tensors} />`
      }
    </section>
  `;
}

function Verdict({told}) {
  return html`
    <div class="wt-verdict" aria-live="polite">
      ${doing.value ? html`<${Doing} />` : told ? html`<${Outcome} told=${told} />` : null}
    </div>
  `;
}

function Doing() {
  const [words, done, of] = howFar();
  return html`
    <p class="wt-doing">${words}</p>
    <progress aria-label=${words} ...${of ? {value: done, max: of} : {}}></progress>
  `;
}

/** What is going on in words, how much of it is done, and of how much. */
function howFar() {
  if (doing.value === "sending") {
    const files = upload.value.files.filter(({state}) => state !== "left out");
    const all = files.reduce((sum, file) => sum + file.bytes, 0);
    const there = files.reduce(
      (sum, file) => sum + (isHere(file) ? file.bytes : (sent.value.get(file.index) ?? 0)),
      0,
    );
    const here = files.filter(isHere).length;
    return [
      `Taking in ${several(files.length, "file")}: ${here} here, ${bytes(there)} of ${bytes(all)}`,
      there,
      all,
    ];
  }
  const told = progress.value;
  const start = doing.value === "keeping" ? "Putting it into the store" : "Looking into the files";
  if (!told) return [`${start} …`, 0, 0];
  const counted = told.unit === "files" ? ` (${told.done + 1} of ${told.of})` : "";
  return [`${start}: ${told.what}${counted}`, told.done, told.unit === "files" ? told.of : 0];
}

function isHere({state}) {
  return ["here", "read", "beside", "refused"].includes(state);
}

function Outcome({told}) {
  const wrong = told.tensors.filter(({state}) => state === "wrong");
  const total = told.tensors.length;
  return html`
    ${
      told.ready &&
      html`
        <p class="wt-ready good">
          <${Tick} />
          Ready: all ${total} tensors loaded
          <span class="quiet small">, ${count(told.parameters)} parameters</span>
        </p>
      `
    }
    ${
      told.missing.length > 0 &&
      html`
        <p class="wt-red bad">
          <${Cross} />
          ${missingWords(told.missing)}
        </p>
      `
    }
    ${
      total === 0 &&
      html`
        <p class="wt-red bad">
          <${Cross} />
          None of GPT-2's tensors has come yet.
        </p>
      `
    }
    ${wrong.map(
      ({name, words}) => html`
        <p class="wt-red bad" key=${name}>
          <${Cross} />
          ${name} has a wrong shape: ${words}.
        </p>
      `,
    )}
    ${told.problems.map(
      (problem) => html`
        <p class="wt-red bad" key=${problem}>
          <${Cross} />
          ${problem}
        </p>
      `,
    )}
    ${
      told.shape.n_head === null || choices.value.n_head !== null
        ? html`<${Heads} told=${told} />`
        : null
    }
    ${total > 0 && html`<p class="small quiet">${shapeWords(told.shape)}</p>`}
    ${told.notes.map((note) => html`<p class="small wt-note" key=${note}>${note}</p>`)}
    ${told.tokenizer.state === "there" && html`<p class="small quiet">${told.tokenizer.words}</p>`}
  `;
}

function Heads({told}) {
  const submit = async (event) => {
    event.preventDefault();
    const typed = Number(new FormData(event.target).get("heads"));
    choose({n_head: typed >= 1 ? Math.round(typed) : null});
    await check();
  };
  return html`
    <form class="row" onSubmit=${submit}>
      <label for="wt-heads">Heads of each block</label>
      <input class="field wt-number" id="wt-heads" name="heads" type="number" min="1" max="10000"
        required defaultValue=${told.shape.n_head ?? ""} />
      <button class="button">Use this number</button>
    </form>
  `;
}

function shapeWords(shape) {
  const shown = (number) => (number === null || number === undefined ? "?" : count(number));
  return (
    `${shown(shape.n_layer)} blocks, ${shown(shape.n_head)} heads, ` +
    `${shown(shape.n_embd)} wide, ${shown(shape.n_positions)} positions, ` +
    `${shown(shape.vocab_size)} tokens, as ${shape.said_by} ${shape.said_by.endsWith("s") ? "say" : "says"}.`
  );
}

function Tick() {
  return html`<svg viewBox="0 0 16 16" aria-hidden="true"><path d="m2.5 8.5 4 4 7-9" /></svg>`;
}

function Cross() {
  return html`
    <svg viewBox="0 0 16 16" aria-hidden="true"><path d="m3 3 10 10M13 3 3 13" /></svg>
  `;
}
