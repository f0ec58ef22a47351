/**
 * @file A text merge by merge: its pieces, the drawing of one piece, and the pairs among which each
 * merge is chosen.
 */
import {html} from "../../vendor/ui.js";
import {book} from "../../state.js";
import {Transport} from "../transport.js";
import {Mistake, useAnswer, useRested} from "./answers.js";
import {MergeTree} from "./merge_tree.js";
import {Letters, Row, Token, spoken} from "./token.js";
import {mergingDone, mergingPiece, mergingText, showToken} from "./state.js";

const EXAMPLES = [" quick", " reinjury", " reindeer", " strawberry", "isn't", "日本語"];

export function Merging() {
  const asked = useRested(mergingText.value);
  const {answer, error} = useAnswer("tokens_steps", {text: asked}, book.value?.model.name);
  const type = (text) => {
    mergingText.value = text;
    mergingPiece.value = mergingDone.value = 0;
  };
  return html`
    <form class="tk-ask" onSubmit=${(event) => event.preventDefault()}>
      <label class="label" for="tk-text">
        Any text <span class="tk-quiet">a space in front counts</span>
      </label>
      <input id="tk-text" class="field tk-mono" value=${mergingText.value} spellcheck=${false}
        autocomplete="off" onInput=${(event) => type(event.currentTarget.value)} />
      <p class="tk-examples">
        ${EXAMPLES.map(
          (text) => html`
            <button type="button" class="tk-example" key=${text}
              aria-label=${`Example ${spoken(text)}`} onClick=${() => type(text)}>
              <${Letters} of=${text} />
            </button>
          `,
        )}
      </p>
    </form>
    ${error && html`<${Mistake} error=${error} />`}
    ${answer && !answer.pieces.length && html`<p class="tk-legend">An empty text has no token.</p>`}
    ${answer?.pieces.length > 0 && html`<${Pieces} answer=${answer} />`}
  `;
}

function Pieces({answer}) {
  const place = Math.min(mergingPiece.value, answer.pieces.length - 1);
  const choose = (next) => {
    mergingPiece.value = next;
    mergingDone.value = 0;
  };
  return html`
    ${
      answer.pieces.length > 1 &&
      html`
        <fieldset class="tk-pieces">
          <legend class="label">First the text is cut into ${answer.pieces.length} pieces</legend>
          ${answer.pieces.map(
            (piece, number) => html`
              <label class="tk-choice" key=${number}>
                <input type="radio" name="tk-piece" checked=${number === place}
                  onChange=${() => choose(number)} />
                <${Letters} of=${piece.text} />
              </label>
            `,
          )}
          <details class="tk-rule">
            <summary>by this rule</summary>
            <code>${answer.pattern}</code>
          </details>
        </fieldset>
      `
    }
    <${Steps} key=${place} piece=${answer.pieces[place]} />
  `;
}

/** One piece: the drawing and, beside it, the choice of the next merge. */
function Steps({piece}) {
  const last = piece.steps.length;
  const done = Math.min(mergingDone.value, last);
  const go = (next) => {
    mergingDone.value = Math.max(0, Math.min(last, next));
  };
  return html`
    <${Transport} done=${done} last=${last} go=${go} word="merge" />
    <div class="tk-split">
      <${MergeTree} piece=${piece} done=${done} go=${go} />
      <${Choice} piece=${piece} done=${done} />
    </div>
  `;
}

/** Every two neighbours with the rank of the merge that joins them; of these the lowest is joined next. */
function Choice({piece, done}) {
  const step = piece.steps[done];
  const tokens = step?.tokens ?? piece.tokens.map(({text}) => text);
  const ranks = step?.ranks ?? tokens.slice(1).map(() => null);
  return html`
    <section class="tk-choice-table" aria-label="Choice of the next merge">
      <p class="tk-now" aria-label="Tokens so far">
        ${
          step
            ? tokens.map((text, place) => html`<${Token} key=${place} of=${text} place=${place} />`)
            : html`<${Row} tokens=${piece.tokens} />`
        }
      </p>
      <p class="tk-say" aria-live="polite">
        ${
          step
            ? html`
              <span class="callout">${done + 1}</span> Of ${count(ranks)} the lowest rank is${" "}
              <b>${step.rank.toLocaleString("en")}</b>:${" "}
              <b><${Letters} of=${step.left} /></b>${" "}
              and${" "}
              <b><${Letters} of=${step.right} /></b>${" "}
              become${" "}
              <b><${Letters} of=${step.makes} /></b>
              .
            `
            : html`
              ${
                ranks.length
                  ? "No merge joins any two of these."
                  : "One token: nothing is left to join."
              }${" "}
              ${tokens.length === 1 ? "This is the id" : "These are the ids"} that the model reads.
            `
        }
      </p>
      ${
        ranks.length > 0 &&
        html`
          <table class="plain tk-pairs">
            <thead>
              <tr>
                <th scope="col">pair</th>
                <th scope="col" class="tk-number">rank</th>
                <td></td>
              </tr>
            </thead>
            <tbody>
              ${ranks.map(
                (rank, place) => html`
                  <${Pair} key=${place} left=${tokens[place]} right=${tokens[place + 1]} rank=${rank}
                    isLowest=${step !== undefined && rank === step.rank}
                    isJoined=${step?.joined.includes(place)} />
                `,
              )}
            </tbody>
          </table>
        `
      }
      ${
        !step &&
        html`
          <p class="tk-actions">
            ${piece.tokens.map(
              ({id}, place) => html`
                <button class="button" key=${place} onClick=${() => showToken(id)}>
                  ${id} in the vocabulary
                </button>
              `,
            )}
          </p>
        `
      }
    </section>
  `;
}

function Pair({left, right, rank, isLowest, isJoined}) {
  return html`
    <tr class=${isLowest ? "tk-lowest" : ""}>
      <td class="tk-mono">
        <${Letters} of=${left} /> <span class="tk-plus">+</span> <${Letters} of=${right} />
      </td>
      <td class="tk-number">${rank === null ? "–" : rank.toLocaleString("en")}</td>
      <td class="tk-note">
        ${isJoined ? "lowest" : isLowest ? "overlaps" : rank === null ? "no merge" : ""}
      </td>
    </tr>
  `;
}

function count(ranks) {
  const known = ranks.filter((rank) => rank !== null).length;
  return `${ranks.length} ${ranks.length === 1 ? "pair" : "pairs"}, ${known} with a rank,`;
}
