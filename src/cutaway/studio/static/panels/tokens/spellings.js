/**
 * @file The same word, spelled otherwise: case, space and quote change its tokens. And any texts,
 * one below the other.
 */
import {html, signal} from "../../vendor/ui.js";
import {book} from "../../state.js";
import {Mistake, useAnswer, useRested} from "./answers.js";
import {Letters, Row} from "./token.js";
import {showMerging} from "./state.js";

const FRONTS = [
  ["", "as it is"],
  [" ", "space in front"],
  ['"', "quote in front"],
  [' "', "space and quote"],
];
const CASES = [
  ["lower", "lower case"],
  ["Capital", "Capital"],
  ["UPPER", "UPPER CASE"],
];
/** @type {[string, string[]][]} */
const SETS = [
  ["reinjury, reindeer", [" reinjury", " reindeer", " rein"]],
  ["abbreviations", ["TL;DR", "tl;dr", "too long; did not read"]],
  [
    "jumbled letters",
    [
      "It does not matter in what order the letters in a word are",
      "It deos not mttaer in waht oredr the ltteers in a wrod are",
    ],
  ],
  [
    "other languages",
    ["I am reading a book.", "Ich lese ein Buch.", "本を読んでいます。", "Я читаю книгу."],
  ],
  ["numbers", ["7", "77", "777", "7777", "3.14159", "12/25/2019"]],
  ["spaces", ["a b", "a  b", "a    b", "a\tb"]],
];

const word = signal("strawberry");
const lines = signal(SETS[0][1].join("\n"));

export function Spellings() {
  return html`
    <${OneWord} />
    <${ManyTexts} />
  `;
}

function OneWord() {
  const asked = useRested(word.value);
  const {answer, error} = useAnswer("tokens_spellings", {text: asked}, book.value?.model.name);
  return html`
    <section class="tk-word" aria-labelledby="tk-word">
      <h3 class="label" id="tk-word">One word, twelve spellings</h3>
      <input class="field tk-mono" aria-label="Word" value=${word.value} spellcheck=${false}
        autocomplete="off" onInput=${(event) => {
          word.value = event.currentTarget.value;
        }} />
      ${error && html`<${Mistake} error=${error} />`}
      ${!error && answer && html`<${Grid} spellings=${answer.spellings} />`}
      <p class="tk-legend">
        People read one word here. The model reads these numbers, and no letters: how many r are
        in it, it cannot see.
      </p>
    </section>
  `;
}

function Grid({spellings}) {
  const fewest = Math.min(...spellings.map(({tokens}) => tokens.length));
  const at = (front, name) => spellings.find((one) => one.front === front && one.case === name);
  return html`
    <div class="tk-scroll" tabIndex="0" role="group" aria-label="Twelve spellings">
      <table class="plain tk-grid">
        <thead>
          <tr>
            <td></td>
            ${CASES.map(([name, title]) => html`<th scope="col" key=${name}>${title}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${FRONTS.map(
            ([front, title]) => html`
              <tr key=${front}>
                <th scope="row">${title}</th>
                ${CASES.map(
                  ([name]) => html`
                    <${Spelling} key=${name} one=${at(front, name)} fewest=${fewest} />
                  `,
                )}
              </tr>
            `,
          )}
        </tbody>
      </table>
    </div>
  `;
}

function Spelling({one, fewest}) {
  const count = one.tokens.length;
  return html`
    <td class=${count === fewest ? "tk-fewest" : ""}>
      <button class="tk-count"
        aria-label=${`${count} ${count === 1 ? "token" : "tokens"}: merge by merge`}
        title="Merge by merge" onClick=${() => showMerging(one.text)}>${count}</button>
      <${Row} tokens=${one.tokens} />
    </td>
  `;
}

function ManyTexts() {
  const asked = useRested(lines.value)
    .split("\n")
    .filter((line) => line !== "");
  const {answer, error} = useAnswer(
    "tokens_spellings",
    asked.length ? {texts: asked} : null,
    book.value?.model.name,
  );
  return html`
    <section class="tk-texts" aria-labelledby="tk-texts">
      <h3 class="label" id="tk-texts">
        Texts side by side <span class="tk-quiet">one a line; spaces count</span>
      </h3>
      <textarea class="field tk-mono" aria-label="Texts, one a line" rows="4" spellcheck=${false}
        value=${lines.value} onInput=${(event) => {
          lines.value = event.currentTarget.value;
        }}></textarea>
      <p class="tk-examples">
        ${SETS.map(
          ([name, texts]) => html`
            <button class="tk-example" key=${name} onClick=${() => {
              lines.value = texts.join("\n");
            }}>${name}</button>
          `,
        )}
      </p>
      ${
        error
          ? html`<${Mistake} error=${error} />`
          : answer && asked.length > 0 && html`<${Comparison} spellings=${answer.spellings} />`
      }
    </section>
  `;
}

function Comparison({spellings}) {
  return html`
    <div class="tk-scroll" tabIndex="0" role="group" aria-label="Texts and their tokens">
      <table class="plain tk-compare">
        <thead>
          <tr>
            <th scope="col">text</th>
            <th scope="col" class="tk-number">tokens</th>
            <th scope="col" class="tk-number">characters</th>
            <th scope="col">tokens and ids</th>
          </tr>
        </thead>
        <tbody>
          ${spellings.map(
            (one, place) => html`
              <tr key=${place}>
                <th scope="row" class="tk-mono"><${Letters} of=${one.text} /></th>
                <td class="tk-number"><b>${one.tokens.length}</b></td>
                <td class="tk-number">${one.n_characters}</td>
                <td><${Row} tokens=${one.tokens} /></td>
              </tr>
            `,
          )}
        </tbody>
      </table>
    </div>
  `;
}
