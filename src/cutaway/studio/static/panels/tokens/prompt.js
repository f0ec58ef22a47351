/** @file The prompt's tokens on a ruled line: each with its id, the piece it is cut from, and its bytes. */
import {html, signal, useRef, useState} from "../../vendor/ui.js";
import {book, tableOf} from "../../state.js";
import {Mistake, useAnswer, useRested} from "./answers.js";
import {Letters, plain, spoken} from "./token.js";
import {showMerging, showToken, vocabulary} from "./state.js";

/** Which token is looked at. */
const chosen = signal(0);

export function Prompt() {
  const {answer, error} = useAnswer(
    "tokens_prompt",
    {n_prompt: book.value?.n_prompt},
    book.value?.version,
  );
  if (error) return html`<${Mistake} error=${error} />`;
  if (!answer) return html`<p class="tk-wait" role="status">Reading the prompt…</p>`;
  const place = Math.min(chosen.value, answer.tokens.length - 1);
  return html`
    <${Strip} answer=${answer} place=${place} />
    <${Detail} answer=${answer} place=${place} />
    <${Measures} answer=${answer} />
    <${Back} ids=${answer.tokens.map(({id}) => id)} />
  `;
}

/** The ruled line. Arrows walk along it. */
function Strip({answer, place}) {
  const line = useRef(null);
  const move = (event) => {
    const last = answer.tokens.length - 1;
    const next = {ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: last}[event.key];
    if (next === undefined) return;
    event.preventDefault();
    chosen.value = Math.min(last, Math.max(0, next));
    line.current.querySelectorAll("button")[chosen.value].focus();
  };
  return html`
    <div class="tk-strip" role="group" aria-label="Tokens of the prompt" ref=${line}
      onKeyDown=${move}>
      ${piecesOf(answer).map(
        ({piece, tokens}) => html`
          <div class="tk-piece" key=${piece}>
            <div class="tk-piece-tokens">
              ${tokens.map(
                (token) => html`
                  <${Tick} key=${token.place} token=${token} isChosen=${token.place === place}
                    generated=${token.place >= answer.n_prompt} />
                `,
              )}
            </div>
            <div class="tk-bracket" aria-hidden="true"><span>${piece + 1}</span></div>
          </div>
        `,
      )}
    </div>
    <p class="tk-legend">
      Above the line the tokens, below it their ids. A bracket is a piece: the text is cut
      there first, and no token crosses a cut.
      ${answer.n_prompt < answer.tokens.length && " A dotted edge: written by the model."}
    </p>
    ${vocabulary.value === "gpt2" && html`<${Others} count=${answer.tokens.length} />`}
  `;
}

/** That these are not the tokens that the open model reads. */
function Others({count}) {
  const {tokens, model} = book.value;
  return html`
    <p class="tk-legend">
      GPT-2 reads this text as ${count} ${count === 1 ? "token" : "tokens"}. The tables of this
      workbook are ${model.name}’s, which reads it as ${tokens.length} tokens.
    </p>
  `;
}

function Tick({token, isChosen, generated}) {
  const choose = () => {
    chosen.value = token.place;
  };
  return html`
    <button class=${`tk-tick${generated ? " tk-generated" : ""}`} tabIndex=${isChosen ? 0 : -1}
      aria-pressed=${isChosen} onClick=${choose} onFocus=${choose} onMouseEnter=${choose}>
      <span class="hidden-text">
        Token ${token.place + 1}, ${spoken(token.text)}, id ${token.id}
        ${generated && ", written by the model"}
      </span>
      <span class=${`tk-token tk-tint-${token.place % 4}`} aria-hidden="true">
        <${Letters} of=${token.text} />
      </span>
      <span class="tk-id" aria-hidden="true">${token.id}</span>
    </button>
  `;
}

/** All that is known of the token that is looked at. */
function Detail({answer, place}) {
  const token = answer.tokens[place];
  const bytes = token.hex.split(" ");
  return html`
    <section class="tk-detail" aria-label="The chosen token">
      <p class="tk-context">
        <span class="callout">${place + 1}</span>
        <span class="tk-beside">${inOneLine(token.before)}</span>
        <b><${Letters} of=${token.text} /></b>
        <span class="tk-beside">${inOneLine(token.after)}</span>
      </p>
      <dl class="tk-facts">
        <div>
          <dt>id</dt>
          <dd>${token.id}</dd>
        </div>
        <div>
          <dt>row of ${rowsOf(vocabulary.value)}</dt>
          <dd>${token.id + 1} <span class="tk-quiet">counted from 1</span></dd>
        </div>
        <div>
          <dt>piece</dt>
          <dd>${token.piece + 1} of ${answer.pieces.length}</dd>
        </div>
        <div>
          <dt>${bytes.length === 1 ? "1 byte" : `${bytes.length} bytes`}</dt>
          <dd class="tk-bytes">
            ${bytes.map((byte, number) => html`<span class="tk-byte" key=${number}>${byte}</span>`)}
          </dd>
        </div>
      </dl>
      <p class="tk-actions">
        <button class="button" onClick=${() => showMerging(plain(answer.pieces[token.piece]))}>
          Merge by merge
        </button>
        <button class="button" onClick=${() => showToken(token.id)}>In the vocabulary</button>
      </p>
    </section>
  `;
}

/** How long the model's input would be, cut in other ways. */
function Measures({answer}) {
  const rows = [
    ["bytes", answer.n_bytes],
    ["characters", answer.n_characters],
    ["tokens", answer.tokens.length],
    ["pieces", answer.pieces.length],
  ];
  const most = Math.max(...rows.map(([, count]) => count));
  return html`
    <section class="tk-measures" aria-labelledby="tk-measures">
      <h3 class="label" id="tk-measures">The same text, cut four ways</h3>
      <table class="plain">
        <tbody>
          ${rows.map(
            ([name, count]) => html`
              <tr key=${name} class=${name === "tokens" ? "tk-strong" : ""}>
                <th scope="row">${name}</th>
                <td class="tk-number">${count}</td>
                <td class="tk-bar" aria-hidden="true">
                  <span style=${{width: `${(100 * count) / most}%`}}></span>
                </td>
              </tr>
            `,
          )}
        </tbody>
      </table>
      <p class="tk-legend">
        Every table of a model has one row a token. Cut into characters they would be taller;
        cut into whole words, a word that was never seen would have no row. None of this is
        about language: patches of a picture, or moments of a sound, can be numbered the same
        way.
      </p>
    </section>
  `;
}

/** Ids to text: the way back. */
function Back({ids}) {
  const [typed, setTyped] = useState(null);
  const text = typed ?? ids.join(" ");
  const asked = useRested(text)
    .split(/[\s,]+/)
    .filter(Boolean);
  const wrong = asked.find((word) => !/^\d{1,9}$/.test(word));
  const {answer, error} = useAnswer(
    "tokens_text",
    wrong ? null : {ids: asked.map(Number)},
    book.value?.model.name,
  );
  return html`
    <section class="tk-back" aria-labelledby="tk-back">
      <h3 class="label" id="tk-back">From ids back to text</h3>
      <input class="field tk-mono" aria-label="Ids" value=${text} spellcheck=${false}
        onInput=${(event) => setTyped(event.currentTarget.value)} />
      ${
        wrong
          ? html`
            <p class="tk-mistake" role="alert">
              “${wrong}” is no id: whole numbers are expected, with spaces between them.
            </p>
          `
          : error
            ? html`<${Mistake} error=${error} />`
            : answer &&
              html`<p class="tk-answer" aria-live="polite"><${Letters} of=${answer.text} /></p>`
      }
    </section>
  `;
}

function inOneLine(text) {
  return text.replaceAll("\n", "⏎").replaceAll("\t", "⇥");
}

function piecesOf({tokens}) {
  const pieces = [];
  tokens.forEach((token, place) => {
    if (pieces.at(-1)?.piece !== token.piece) pieces.push({piece: token.piece, tokens: []});
    pieces.at(-1).tokens.push({...token, place});
  });
  return pieces;
}

/** The table that has a row for each token of a vocabulary. */
function rowsOf(name) {
  if (name === "gpt2") return "GPT-2’s token table";
  return tableOf("token_table") ?? "the token table";
}
