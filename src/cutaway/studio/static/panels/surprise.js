/** @file Surprise: a text in shades of how unexpected each token was to the model. */
import {html, signal, useEffect, useRef} from "../vendor/ui.js";
import {book} from "../state.js";
import {ask} from "../server.js";
import {Meter} from "../drawings/meter.js";
import {count, fixed, percent, visible} from "../text.js";

/** @typedef {import("../messages.js").Answers["surprise"]} Surprised */

/** What is read: the open text, or one that is typed here. */
const own = signal(false);
const typed = signal("");
const answer = signal(/** @type {Surprised | null} */ (null));
const failed = signal("");
const working = signal(false);
/** The token whose likelier ones are shown. */
const chosen = signal(0);
let newest = 0;

async function read(text) {
  newest += 1;
  const asked = newest;
  working.value = true;
  failed.value = "";
  try {
    const special = book.value.model.marks.some((mark) => text?.includes(mark));
    const found = await ask("surprise", text === null ? {} : {text, special});
    if (asked !== newest) return;
    answer.value = found;
    chosen.value = mostSurprising(found.tokens);
  } catch (error) {
    if (asked !== newest) return;
    answer.value = null;
    failed.value = error.message;
  }
  working.value = false;
}

const mostSurprising = (tokens) =>
  tokens.reduce(
    (best, one, place) => ((one.bits ?? -1) > (tokens[best].bits ?? -1) ? place : best),
    0,
  );

export function SurpriseView() {
  const {version} = book.value;
  useEffect(() => {
    if (!own.value) read(null);
  }, [version, own.value]);
  return html`
    <section class="surprise" aria-label="Surprise">
      <h1>Surprise</h1>
      <p class="meaning">
        How unexpected each token was to the model that read those before it. A surprise of 1 bit
        is a token that had a probability of a half; 10 bits, one in a thousand.
      </p>
      <div class="row surprise-switch" role="group" aria-label="What is read">
        <${Which} another=${false} words="The open text" />
        <${Which} another=${true} words="Another text" />
        ${working.value && html`<span class="busy small" role="status">reading …</span>`}
      </div>
      ${own.value && html`<${Field} />`}
      ${failed.value && html`<p class="bad small" role="alert">${failed.value}</p>`}
      ${answer.value && (!own.value || typed.value) && html`<${Read} found=${answer.value} />`}
    </section>
  `;
}

function Which({another, words}) {
  return html`
    <button class="button" aria-pressed=${own.value === another} onClick=${() => {
      own.value = another;
      if (another && typed.value) read(typed.value);
    }}>${words}</button>
  `;
}

function Field() {
  return html`
    <form class="surprise-field" onSubmit=${(event) => {
      event.preventDefault();
      if (typed.value) read(typed.value);
    }}>
      <textarea class="field" rows="4" maxlength="20000" aria-label="The text to read"
        spellcheck=${false} value=${typed.value} onInput=${(event) => {
          typed.value = event.target.value;
        }}></textarea>
      <button class="button primary" disabled=${working.value || !typed.value}>Read it</button>
    </form>
  `;
}

function Read({found}) {
  const {tokens} = found;
  const one = tokens[Math.min(chosen.value, tokens.length - 1)];
  return html`
    <${Text} tokens=${tokens} />
    <${Legend} levels=${found.levels} />
    <${Chosen} one=${one} />
    <p class="small quiet">
      ${count(found.n_predicted)} tokens predicted: ${fixed(found.bits, 1)} bits in all, a mean
      loss of ${fixed(found.mean, 4)} nats a token, perplexity${" "}
      ${found.perplexity === null ? "∞" : fixed(found.perplexity, 2)}.
      ${found.in_windows && html`<${Windows} />`}
    </p>
  `;
}

function Windows() {
  const most = count(book.value.model.n_positions);
  return html` The text is longer than the model’s ${most} positions: it was read in windows.`;
}

/** The tokens as running text; one of them is chosen, with the arrow keys too. */
function Text({tokens}) {
  const list = useRef();
  const go = (event) => {
    const last = tokens.length - 1;
    const to = {
      ArrowRight: Math.min(last, chosen.value + 1),
      ArrowLeft: Math.max(0, chosen.value - 1),
      Home: 0,
      End: last,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    chosen.value = to;
    list.current.querySelectorAll("button")[to].focus();
  };
  return html`
    <div class="surprise-text" role="group" aria-label="The text, token by token" ref=${list}
      onKeyDown=${go}>
      ${tokens.map(
        (one, place) => html`
          <button key=${place} class=${`surprise-token level-${one.level}`}
            tabindex=${place === chosen.value ? 0 : -1} aria-pressed=${place === chosen.value}
            onClick=${() => {
              chosen.value = place;
            }}>
            <b>${visible(one.text)}</b>
            <small class="number">${one.bits === null ? "" : fixed(one.bits, 1)}</small>
            <span class="hidden-text">
              ${one.bits === null ? "the first token" : `bits, rank ${one.rank}`}
            </span>
          </button>
        `,
      )}
    </div>
  `;
}

/** 0.44 as "44.0 %"; what would be 0.0 % as "1 in 14,000". */
const shareInWords = (share) =>
  share >= 0.0005 || share === 0
    ? percent(share)
    : `1 in ${count(Number((1 / share).toPrecision(2)))}`;

function Legend({levels}) {
  const from = [0, ...levels];
  return html`
    <p class="surprise-legend small quiet">
      Bits, below each token:${" "}
      ${from.map(
        (bits, level) => html`
          <span key=${bits} class=${`surprise-token level-${level}`}>from ${bits}</span>
        `,
      )}
    </p>
  `;
}

/** One token: how likely it was, its rank, and the likeliest in its place. */
function Chosen({one}) {
  if (one.bits === null)
    return html`
      <p class="small surprise-chosen">
        <span class="token">${visible(one.text)}</span> is the first token: nothing comes before it.
      </p>
    `;
  const most = Math.max(one.probability, ...one.likelier.map(({probability}) => probability));
  const rows = one.likelier.some(({id}) => id === one.id)
    ? one.likelier.map((guess, place) => ({...guess, rank: place + 1}))
    : [...one.likelier.map((guess, place) => ({...guess, rank: place + 1})), one];
  return html`
    <div class="surprise-chosen">
      <p role="status">
        <span class="token">${visible(one.text)}</span> had ${shareInWords(one.probability)}, rank
        ${" "}${count(one.rank)} of ${count(book.value.model.n_vocabulary)}:
        ${" "}${fixed(one.bits, 2)} bits.
      </p>
      <table class="plain" aria-label="The likeliest tokens in its place">
        <thead>
          <tr>
            <th scope="col">rank</th>
            <th scope="col">token</th>
            <th scope="col">probability</th>
            <th scope="col"><span class="hidden-text">bar</span></th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ({id, text, probability, rank}) => html`
              <tr key=${id} class=${id === one.id ? "this-one" : ""}
                aria-current=${id === one.id ? "true" : null}>
                <td class="number">${count(rank)}</td>
                <td><span class="token">${visible(text)}</span></td>
                <td class="number">${shareInWords(probability)}</td>
                <td>
                  <${Meter} share=${probability} most=${most} />
                </td>
              </tr>
            `,
          )}
        </tbody>
      </table>
    </div>
  `;
}
