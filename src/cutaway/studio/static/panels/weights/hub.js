/** @file Fetching from the Hugging Face hub: only by a click, and it says that it leaves the machine. */
import {html, useState} from "../../vendor/ui.js";
import {fetchModel, fetching, models, stopFetching} from "./models.js";
import {bytes} from "../../text.js";

// The sizes of model.safetensors in OpenAI's four repositories.
const PUBLISHED = [
  {name: "gpt2", size: 548_105_171},
  {name: "gpt2-medium", size: 1_519_984_962},
  {name: "gpt2-large", size: 3_247_159_078},
  {name: "gpt2-xl", size: 6_431_829_964},
];
const OTHER = "another";

export function Hub() {
  const [choice, setChoice] = useState("gpt2");
  const [other, setOther] = useState("");
  const runs = fetching.value?.state === "running";
  const name = choice === OTHER ? other.trim() : choice;
  const isHere = (models.value ?? []).some((model) => model.name === name.split("/").at(-1));
  const submit = (event) => {
    event.preventDefault();
    if (name && !runs && !isHere) fetchModel(name);
  };
  return html`
    <section class="wt-hub" aria-labelledby="wt-hub">
      <h2 class="label" id="wt-hub">Fetch from the Hugging Face hub</h2>
      <p class="small">
        The one thing here that leaves this machine: it asks${" "}
        <span class="mono">huggingface.co</span> for the model's files. Nothing of yours is
        sent, and nothing is asked before you press the button.
      </p>
      <form class="row" onSubmit=${submit}>
        <label class="hidden-text" for="wt-choice">Model of the hub</label>
        <select class="field" id="wt-choice" value=${choice} disabled=${runs}
          onChange=${(event) => setChoice(event.target.value)}>
          ${PUBLISHED.map(
            (one) => html`
              <option key=${one.name} value=${one.name}>${one.name} (${bytes(one.size)})</option>
            `,
          )}
          <option value=${OTHER}>another GPT-2 …</option>
        </select>
        ${
          choice === OTHER &&
          html`
            <input class="field mono" aria-label="Repository as OWNER/NAME" placeholder="OWNER/NAME"
              value=${other} disabled=${runs} onInput=${(event) => setOther(event.target.value)} />
          `
        }
        <button class="button" disabled=${runs || isHere || !name}>
          ${isHere ? "It is here already" : "Fetch"}
        </button>
      </form>
      <${State} />
    </section>
  `;
}

function State() {
  const answer = fetching.value;
  if (!answer) return null;
  if (answer.state !== "running") {
    return html`
      <p class=${`small ${answer.state === "failed" ? "bad" : ""}`} role="status">${answer.message}</p>
    `;
  }
  const known = answer.of > 0;
  return html`
    <div class="wt-fetching">
      <progress aria-label=${`Fetching ${answer.name}`}
        ...${known ? {value: answer.done, max: answer.of} : {}}></progress>
      <p class="small" role="status">
        ${answer.name}: ${answer.what}
        ${known && answer.unit === "bytes" ? `, ${bytes(answer.done)} of ${bytes(answer.of)}` : ""}
      </p>
      <button class="button" onClick=${stopFetching}>Stop</button>
    </div>
  `;
}
