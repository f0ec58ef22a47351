/**
 * @file Learning merges from a text, pass by pass: the text and the rules, the way through the
 * passes, the pass itself.
 */
import {html} from "../../vendor/ui.js";
import {Transport} from "../transport.js";
import {Corpus, Curve, Pairs, Result, Words} from "./pass.js";
import {
  MOST_CHARACTERS,
  MOST_MERGES,
  PAPER,
  boundary,
  isExhausted,
  isRunning,
  isStale,
  merges,
  passes,
  run,
  shown,
  step,
  stop,
  take,
  text,
  ties,
} from "./learning.js";

const SHORT =
  "The cat sat on the mat. The dog sat on the log. " +
  "The cat and the dog sat together in the shade, and the bird sat above them.";
const MARKS = [
  ["end", "at its end, as in the paper: low_"],
  ["front", "in front, as in GPT-2: ·low"],
];
const RULES = [
  ["first-seen", "the one met first"],
  ["lowest-ids", "the one of the oldest tokens"],
];

export function Learn() {
  return html`
    <${Settings} />
    <div class="tk-passes"><${Passes} /></div>
  `;
}

function Settings() {
  return html`
    <form class="tk-lesson" onSubmit=${(event) => {
      event.preventDefault();
      run();
    }}>
      <div class="tk-lesson-head">
        <label class="label" for="tk-lesson">
          Learn from this text${" "}
          <span class="tk-quiet">
            paste your own, up to ${MOST_CHARACTERS.toLocaleString("en")} characters
          </span>
        </label>
        <${Examples} />
      </div>
      <textarea id="tk-lesson" class="field tk-mono" rows="4" spellcheck=${false}
        value=${text.value} onInput=${(event) => {
          text.value = event.currentTarget.value;
        }}></textarea>
      <div class="tk-settings">
        <${Choose} label="A word is marked" value=${boundary} choices=${MARKS} />
        <${Choose} label="Of equal pairs" value=${ties} choices=${RULES} />
        <label class="tk-setting">
          <span class="label">Merges</span>
          <input class="field tk-number" type="number" min="1" max=${MOST_MERGES}
            value=${merges.value} onInput=${(event) => {
              merges.value = Math.max(
                1,
                Math.min(MOST_MERGES, event.currentTarget.valueAsNumber || 1),
              );
            }} />
        </label>
        <${Actions} />
      </div>
    </form>
  `;
}

function Examples() {
  const isPaper = text.value === PAPER && boundary.value === "end";
  return html`
    <p class="tk-examples">
      <button type="button" class="tk-example" aria-pressed=${isPaper}
        onClick=${() => take(PAPER, "end", 10)}>the paper's example</button>
      <button type="button" class="tk-example" aria-pressed=${text.value === SHORT}
        onClick=${() => take(SHORT, "front", 30)}>a cat and a dog</button>
    </p>
  `;
}

function Actions() {
  return html`
    <p class="tk-actions">
      <button class="button primary" disabled=${isRunning.value}>
        Learn ${merges.value} ${merges.value === 1 ? "merge" : "merges"}
      </button>
      <button class="button" type="button" disabled=${isRunning.value} onClick=${step}>
        Step: one pass
      </button>
      <button class="button" type="button" disabled=${!isRunning.value} onClick=${stop}>
        Stop
      </button>
      <span class="tk-progress" role="status">${progress()}</span>
    </p>
  `;
}

function Choose({label, value, choices}) {
  return html`
    <label class="tk-setting">
      <span class="label">${label}</span>
      <select class="field" value=${value.value} onChange=${(event) => {
        value.value = event.currentTarget.value;
      }}>
        ${choices.map(([name, words]) => html`<option key=${name} value=${name}>${words}</option>`)}
      </select>
    </label>
  `;
}

function progress() {
  const made = Math.max(0, passes.value.length - 1);
  if (isRunning.value) return `Pass ${made} of ${merges.value}…`;
  if (passes.value.length && isStale()) return "The passes below belong to other settings.";
  if (isExhausted.value)
    return `Every word is one token after ${made} ${made === 1 ? "merge" : "merges"}.`;
  return made ? `${made} ${made === 1 ? "merge" : "merges"} learned.` : "";
}

/** The way through the passes, and the one that is looked at. */
function Passes() {
  if (!passes.value.length) {
    return html`
      <p class="tk-legend">
        A pass counts how often every two neighbours stand in the text, takes the pair that
        stands there most often, and joins it everywhere. The text gets shorter, the vocabulary
        longer. It was made for compressing files, in 1994.
      </p>
    `;
  }
  const last = passes.value.length - 1;
  const place = Math.min(shown.value, last);
  const pass = passes.value[place];
  return html`
    <${Transport} done=${place} last=${last} go=${(next) => {
      shown.value = Math.max(0, Math.min(last, next));
    }}
      word="pass" words="passes" />
    <div class="tk-pass">
      <${Result} pass=${pass} />
      <${Curve} passes=${passes.value} place=${place} />
      <${Pairs} pass=${pass} />
      <${Corpus} pass=${pass} />
      <${Words} passes=${passes.value} place=${place} />
    </div>
  `;
}
