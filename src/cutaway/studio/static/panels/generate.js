/** @file Writing in view: the choice of each token stage by stage, and the text as it grows. */
import {html, signal, useEffect} from "../vendor/ui.js";
import {book, openTable, say, showError, tableOf} from "../state.js";
import {ask, onPush} from "../server.js";
import {fixed, percent, visible} from "../text.js";

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

function fields() {
  const {temperature, top_k: topK, top_p: topP, penalty, ngram, seed} = settings.value;
  const looksBack = {
    ...(penalty === 1 ? {} : {repetition_penalty: penalty}),
    ...(ngram ? {no_repeat_ngram: ngram} : {}),
  };
  const likeliest = greedy.value || temperature === 0;
  const cuts = likeliest
    ? {}
    : {...(topK ? {top_k: topK} : {}), ...(topP && topP < 1 ? {top_p: topP} : {})};
  return {
    temperature: likeliest ? 0 : temperature,
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
          step=${1} disabled=${greedy.value} help="Only the k likeliest stay." />
        <${Setting} name="top_p" words="Top-p" least=${0.01} most=${1} step=${0.01}
          disabled=${greedy.value}
          help="Only the likeliest that together reach the share p stay." />
        <${Setting} name="penalty" words="Penalty" least=${0.1} most=${10} step=${0.05}
          help="Above 1, tokens that the text has already become less likely." />
        <${Setting} name="ngram" words="N-gram" least=${0} most=${1000} step=${1}
          help="So many tokens in a row never come twice. 0 lets them." />
        <${Setting} name="seed" words="Seed" least=${0} most=${2147483647} step=${1}
          disabled=${greedy.value} help="The same seed gives the same text." />
        <${Setting} name="count" words="Tokens" least=${1} most=${1000} step=${1}
          help="How many to write." />
        <label class="row small greedy">
          <input type="checkbox" checked=${greedy.value} onChange=${(event) => {
            greedy.value = event.target.checked;
          }} />${" "}
          greedy: always the likeliest
        </label>
      </form>
      <div class="generate-view">
        <${Text} />
        <${Stages} />
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
  return html`
    <p class="story" aria-label="The text so far">
      ${tokens
        .slice(0, given)
        .map(({text}) => text)
        .join("")}
      <b>
        ${tokens
          .slice(given)
          .map(({text}) => text)
          .join("")}
      </b>
    </p>
  `;
}

function Stages() {
  const answer = choice.value;
  if (!answer) return null;
  if (answer.error) return html`<p class="bad small" role="alert">${answer.error}</p>`;
  const rows = answer.rows.slice(0, 40);
  const columns = COLUMNS.filter(({name}) => name in answer.shown);
  const most = Math.max(...rows.map(({probability}) => probability)) || 1;
  return html`
    <p class="small quiet">
      ${
        answer.made
          ? html`
            Chosen: <span class="token">${visible(answer.text)}</span>
            ${
              answer.greedy
                ? ", the likeliest"
                : html`, where the draw ${answer.draw.toFixed(6)} falls`
            }
            .
          `
          : "What would be chosen from now:"
      }${" "}
      ${answer.n_vocabulary.toLocaleString("en")} tokens,${" "}
      ${
        "after_no_repeat" in answer.shown &&
        `${answer.n_after_no_repeat.toLocaleString("en")} without repeated n-grams, `
      }
      ${answer.n_after_top_k.toLocaleString("en")} after top-k,${" "}
      ${answer.n_after_top_p.toLocaleString("en")} after top-p.${" "}
      <button class="link" onClick=${() => openTable(tableOf("next_logits"))}>all logits</button>
    </p>
    ${!answer.greedy && html`<${Line} answer=${answer} />`}
    <table class="plain stages" aria-label="The choice, stage by stage">
      <thead>
        <tr>
          <th scope="col">token</th>
          <th scope="col" class="right">id</th>
          <th scope="col" class="right">logit</th>
          ${columns.map(
            ({name, words, number}) => html`
              <th scope="col" key=${name} class=${number ? "right" : ""}
                title=${answer.shown[name]}>
                ${words}
              </th>
            `,
          )}
          <th scope="col" class="right">probability</th>
          <th scope="col"><span class="hidden-text">bar</span></th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) => html`
            <tr key=${row.id} class=${answer.token === row.id ? "chosen" : ""}
              aria-current=${answer.token === row.id ? "true" : null}>
              <td><span class="token">${visible(row.text)}</span></td>
              <td class="number">${row.id}</td>
              <td class="number">${fixed(row.logit, 3)}</td>
              ${columns.map(
                ({name, number, of}) => html`
                  <td key=${name} class=${number ? "number" : ""}>${of(row)}</td>
                `,
              )}
              <td class="number">${row.in_top_p ? percent(row.probability) : "–"}</td>
              <td>
                <span class="meter share">
                  <i style=${{width: `${(100 * row.probability) / most}%`}}></i>
                </span>
              </td>
            </tr>
          `,
        )}
      </tbody>
    </table>
  `;
}

/** What a row shows of each stage; a token that is cut has nothing from there on. */
const COLUMNS = [
  {name: "after_penalty", words: "penalty", number: true, of: (row) => fixed(row.after_penalty, 3)},
  {name: "after_no_repeat", words: "n-gram", of: (row) => (row.repeats ? "cut" : "stays")},
  {
    name: "scaled",
    words: "÷ temperature",
    number: true,
    of: (row) => (row.scaled === null ? "–" : fixed(row.scaled, 3)),
  },
  {
    name: "after_top_k",
    words: "top-k",
    of: (row) => (row.repeats ? "" : row.in_top_k ? "stays" : "cut"),
  },
  {
    name: "after_top_p",
    words: "top-p",
    of: (row) => (row.in_top_k ? (row.in_top_p ? "stays" : "cut") : ""),
  },
];

/** The probabilities laid end to end from 0 to 1 in the order of their ids, and the point that was drawn. */
function Line({answer}) {
  const [from, to] = answer.interval ?? [0, 0];
  return html`
    <svg class="draw-line" viewBox="0 0 1000 30" preserveAspectRatio="none" role="img"
      aria-label=${
        answer.interval
          ? `The draw ${answer.draw.toFixed(4)} falls between ${from.toFixed(4)} and ${to.toFixed(4)}`
          : "The probabilities laid end to end; a random number chooses a point"
      }>
      <line x1="0" x2="1000" y1="20" y2="20" class="axis" />
      ${
        answer.interval &&
        html`
          <rect x=${from * 1000} width=${Math.max(2, (to - from) * 1000)} y="12" height="16"
            class="chosen-part" />
          <line x1=${answer.draw * 1000} x2=${answer.draw * 1000} y1="2" y2="30" class="needle" />
        `
      }
    </svg>
  `;
}
