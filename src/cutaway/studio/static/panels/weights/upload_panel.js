/**
 * @file A model that is being put together from dropped files: what is there, what is missing, and
 * then its name.
 */
import {html, useEffect, useRef} from "../../vendor/ui.js";
import {FileButtons} from "./drop_zone.js";
import {check, choices, choose, doing, found, letGo, progress, sent, upload} from "./upload.js";
import {NameForm} from "./name_form.js";
import {Files} from "./file_list.js";
import {TensorList, missingWords} from "./tensors.js";
import {bytes, count, several} from "../../text.js";

export function UploadPanel() {
  const answer = found.value;
  const section = useRef();
  useEffect(() => section.current.scrollIntoView({block: "nearest"}), []);
  return html`
    <section class="wt-section" aria-labelledby="wt-assembly" ref=${section}>
      <header class="wt-head">
        <h2 class="label" id="wt-assembly">What you dropped</h2>
        <p class="quiet small">More files can be dropped anywhere here.</p>
        <div class="row">
          <${FileButtons} />
          <button class="button" onClick=${letGo}>Let it all go</button>
        </div>
      </header>
      <${Verdict} answer=${answer} />
      ${answer?.ready && doing.value !== "sending" && html`<${NameForm} answer=${answer} />`}
      <${Files} />
      ${
        answer?.tensors.length > 0 &&
        html`<${TensorList} name="The tensors of the model" tensors=${answer.tensors} />`
      }
    </section>
  `;
}

function Verdict({answer}) {
  return html`
    <div class="wt-verdict" aria-live="polite">
      ${doing.value ? html`<${Doing} />` : answer ? html`<${Outcome} answer=${answer} />` : null}
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
  const answer = progress.value;
  const start = doing.value === "keeping" ? "Putting it into the store" : "Looking into the files";
  if (!answer) return [`${start} …`, 0, 0];
  const counted = answer.unit === "files" ? ` (${answer.done + 1} of ${answer.of})` : "";
  return [
    `${start}: ${answer.what}${counted}`,
    answer.done,
    answer.unit === "files" ? answer.of : 0,
  ];
}

function isHere({state}) {
  return ["here", "read", "beside", "refused"].includes(state);
}

function Outcome({answer}) {
  const wrong = answer.tensors.filter(({state}) => state === "wrong");
  const total = answer.tensors.length;
  return html`
    ${
      answer.ready &&
      html`
        <p class="wt-ready good">
          <${Tick} />
          Ready: all ${total} tensors loaded
          <span class="quiet small">, ${count(answer.parameters)} parameters</span>
        </p>
      `
    }
    ${
      answer.missing.length > 0 &&
      html`
        <p class="wt-red bad">
          <${Cross} />
          ${missingWords(answer.missing)}
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
    ${answer.problems.map(
      (problem) => html`
        <p class="wt-red bad" key=${problem}>
          <${Cross} />
          ${problem}
        </p>
      `,
    )}
    ${
      answer.shape.n_head === null || choices.value.n_head !== null
        ? html`<${Heads} answer=${answer} />`
        : null
    }
    ${total > 0 && html`<p class="small quiet">${shapeWords(answer.shape)}</p>`}
    ${answer.notes.map((note) => html`<p class="small wt-note" key=${note}>${note}</p>`)}
    ${answer.tokenizer.state === "there" && html`<p class="small quiet">${answer.tokenizer.words}</p>`}
  `;
}

function Heads({answer}) {
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
        required defaultValue=${answer.shape.n_head ?? ""} />
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
