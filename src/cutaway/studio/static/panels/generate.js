/** @file Writing in view: the choice of each token stage by stage, and the text as it grows. */
import {html, signal, useEffect} from "../vendor/ui.js";
import {book, say, showError} from "../state.js";
import {ask, onPush} from "../server.js";
import {Stages} from "./choice.js";

const settings = signal({
  temperature: 0.8,
  top_k: 40,
  top_p: 0.95,
  penalty: 1,
  ngram: 0,
  seed: 1,
  count: 20,
});
const greedy = signal(false);
/** The stages of the next choice, or of the one that was made last. */
const choice = signal(null);
const writing = signal(null);

onPush("token", (message) => {
  choice.value = {...message.choice, made: true};
  if (writing.value) writing.value = {done: message.done, of: message.of};
});

/** Whether the likeliest token is always taken: temperature 0 says so too. */
const likeliest = () => greedy.value || settings.value.temperature === 0;

function fields() {
  const {temperature, top_k: topK, top_p: topP, penalty, ngram, seed} = settings.value;
  const looksBack = {
    ...(penalty === 1 ? {} : {repetition_penalty: penalty}),
    ...(ngram ? {no_repeat_ngram: ngram} : {}),
  };
  const cuts = likeliest()
    ? {}
    : {...(topK ? {top_k: topK} : {}), ...(topP && topP < 1 ? {top_p: topP} : {})};
  return {
    temperature: likeliest() ? 0 : temperature,
    ...cuts,
    ...looksBack,
    ...(seed === null ? {} : {seed}),
  };
}

/** Write tokens; each appears in every table as soon as it is chosen. */
export async function write(count) {
  if (writing.value) return;
  writing.value = {done: 0, of: count};
  try {
    // One token at a time would draw the same number again and again: the seed moves on with the text.
    const moving = fields();
    if (moving.seed !== undefined) moving.seed += book.value.tokens.length - book.value.n_prompt;
    const {ended} = await ask("generate", {...moving, count});
    if (ended === "positions") say("All positions of this model are in use: the text ends here.");
    if (ended === "end of text") say("The model chose to end the text.");
  } catch (error) {
    showError(error);
  } finally {
    // What was chosen last stays in view until the text or a setting changes.
    if (choice.value?.made)
      choice.value = {
        ...choice.value,
        version: book.value.version,
        wanted: JSON.stringify(fields()),
      };
    writing.value = null;
  }
}

export function GenerateTab() {
  const {version} = book.value;
  const wanted = JSON.stringify(fields());
  useEffect(() => {
    const {made, version: madeAt, wanted: madeWith} = choice.value ?? {};
    if (writing.value || (made && madeAt === version && madeWith === wanted)) return undefined;
    const waiting = setTimeout(async () => {
      try {
        choice.value = await ask("stages", fields());
      } catch (error) {
        choice.value = {error: error.message};
      }
    }, 80);
    return () => clearTimeout(waiting);
  }, [version, wanted, writing.value]);
  return html`
    <div class="generate">
      <form class="generate-settings" onSubmit=${(event) => {
        event.preventDefault();
        write(settings.value.count);
      }}>
        <div class="row">
          <button class="button" type="button" disabled=${Boolean(writing.value)}
            onClick=${() => write(1)}>One token</button>
          ${
            writing.value
              ? html`
                <button class="button primary" type="button" onClick=${() => ask("stop")}>
                  Stop (${writing.value.done}/${writing.value.of})
                </button>
              `
              : html`<button class="button primary">Write ${settings.value.count}</button>`
          }
        </div>
        <${Setting} name="temperature" words="Temperature" least=${0} most=${3} step=${0.05}
          disabled=${greedy.value}
          help="Below 1 the likely become likelier, above 1 all become alike; 0 is greedy." />
        <${Setting} name="top_k" words="Top-k" least=${1} most=${book.value.model.n_vocabulary}
          step=${1} disabled=${likeliest()} help="Only the k likeliest stay." />
        <${Setting} name="top_p" words="Top-p" least=${0.01} most=${1} step=${0.01}
          disabled=${likeliest()}
          help="Only the likeliest that together reach the share p stay." />
        <${Setting} name="penalty" words="Penalty" least=${0.1} most=${10} step=${0.05}
          help="Above 1, tokens that the text has already become less likely." />
        <${Setting} name="ngram" words="N-gram" least=${0} most=${1000} step=${1}
          help="So many tokens in a row never come twice. 0 lets them." />
        <${Setting} name="seed" words="Seed" least=${0} most=${2147483647} step=${1}
          disabled=${likeliest()} help="The same seed gives the same text." />
        <${Setting} name="count" words="Tokens" least=${1} most=${1000} step=${1}
          help="How many to write." />
        <label class="row small greedy">
          <input type="checkbox" checked=${likeliest()} disabled=${settings.value.temperature === 0}
            onChange=${(event) => {
              greedy.value = event.target.checked;
            }} />${" "}
          greedy: always the likeliest
        </label>
      </form>
      <div class="generate-view">
        <${Text} />
        <${Stages} answer=${choice.value} />
      </div>
    </div>
  `;
}

function Setting({name, words, least, most, step, disabled, help}) {
  return html`
    <label class="setting small" title=${help}>
      <span>${words}</span>
      <input class="field number small" type="number" min=${least} max=${most} step=${step}
        disabled=${disabled} value=${settings.value[name]} onChange=${(event) => {
          const value = event.target.valueAsNumber;
          if (Number.isFinite(value))
            settings.value = {...settings.value, [name]: Math.min(most, Math.max(least, value))};
          event.target.value = settings.value[name];
        }} />
    </label>
  `;
}

function Text() {
  const {tokens, n_prompt: given} = book.value;
  const written = tokens.slice(given);
  const held = tokens.at(-1)?.held;
  return html`
    <p class="story" aria-label="The text so far">
      ${textOf(tokens.slice(0, given))}
      <b>${textOf(written)}</b>
      ${
        held &&
        html`
          <span class="held" title="A token may end inside of a character: its bytes wait here.">
            ${held} <small>part of a character; the next token may complete it</small>
          </span>
        `
      }
    </p>
  `;
}

/** The text of some tokens: a character's bytes may lie in several of them. */
const textOf = (tokens) => tokens.map(({adds}) => adds).join("");
