/** @file How the next token is chosen: the likeliest tokens from what the model says to the draw. */
import {html, signal} from "../vendor/ui.js";
import {openTable, tableOf} from "../state.js";
import {Meter} from "../drawings/meter.js";
import {fixed, percent, visible} from "../text.js";

/** What the columns show: the probabilities on the way, or the logits and what each cut does. */
const shown = signal("probabilities");
const MOST_ROWS = 40;

export function Stages({answer}) {
  if (!answer) return null;
  if (answer.error) return html`<p class="bad small" role="alert">${answer.error}</p>`;
  const rows = answer.rows.slice(0, MOST_ROWS);
  return html`
    <p class="small quiet">
      ${
        answer.made
          ? html`
            Chosen: <span class="token">${visible(answer.text)}</span>
            ${
              answer.greedy
                ? ", the likeliest"
                : html`, where the draw ${fixed(answer.draw, 6)} falls`
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
    <div class="row stages-switch" role="group" aria-label="Show each token's">
      ${["probabilities", "logits"].map(
        (what) => html`
          <button key=${what} class="button" aria-pressed=${shown.value === what}
            onClick=${() => {
              shown.value = what;
            }}>${what === "logits" ? "Logits and cuts" : "Probabilities"}</button>
        `,
      )}
    </div>
    ${
      shown.value === "logits"
        ? html`<${Logits} answer=${answer} rows=${rows} />`
        : html`<${Probabilities} answer=${answer} rows=${rows} />`
    }
  `;
}

/** The same tokens under each heading: what the model says, and what every stage makes of it. */
function Probabilities({answer, rows}) {
  const most = Math.max(...rows.flatMap(({shares}) => shares)) || 1;
  return html`
    <table class="plain stages" aria-label="The choice, stage by stage">
      <thead>
        <tr>
          <th scope="col">token</th>
          <th scope="col" class="right">id</th>
          ${answer.headings.map(
            ({words, sentence}, place) => html`
              <th scope="col" key=${words} title=${sentence}>
                ${place > 0 && html`<span class="quiet" aria-hidden="true">→ </span>`}${words}
              </th>
            `,
          )}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) => html`
            <${Row} key=${row.id} row=${row} answer=${answer}>
              ${row.shares.map((share, place) => {
                const cut = share === 0 && cutBy(row, place === row.shares.length - 1);
                return html`
                  <td key=${answer.headings[place].words} class=${`way ${cut ? "cut" : ""}`}>
                    <span class="number">${cut || percent(share)}</span>
                    <${Meter} share=${share} most=${most} />
                  </td>
                `;
              })}
            </${Row}>
          `,
        )}
      </tbody>
    </table>
  `;
}

/** What cut a token, in words; empty where nothing did. The last column has the cuts of k and p. */
function cutBy(row, last) {
  if (row.repeats) return "cut: n-gram";
  if (!last || row.in_top_p) return "";
  return row.in_top_k ? "cut: top-p" : "cut: top-k";
}

function Logits({answer, rows}) {
  const columns = COLUMNS.filter(({name}) => name in answer.shown);
  const most = Math.max(...rows.map(({probability}) => probability)) || 1;
  return html`
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
            <${Row} key=${row.id} row=${row} answer=${answer}>
              <td class="number">${fixed(row.logit, 3)}</td>
              ${columns.map(
                ({name, number, of}) => html`
                  <td key=${name} class=${number ? "number" : ""}>${of(row)}</td>
                `,
              )}
              <td class="number">${row.in_top_p ? percent(row.probability) : "–"}</td>
              <td>
                <${Meter} share=${row.probability} most=${most} />
              </td>
            </${Row}>
          `,
        )}
      </tbody>
    </table>
  `;
}

/** A token with its id, and what it would complete where it is no whole text by itself. */
function Row({row, answer, children}) {
  const chosen = answer.token === row.id;
  return html`
    <tr class=${chosen ? "chosen" : ""} aria-current=${chosen ? "true" : null}>
      <td><span class="token">${visible(row.text)}</span> <small class="quiet">${part(row)}</small></td>
      <td class="number">${row.id}</td>
      ${children}
    </tr>
  `;
}

/** What a token is whose bytes are no whole characters; empty for all others. */
function part({text, adds, held}) {
  if (held) return "part of a character";
  if (adds === text) return "";
  return adds.includes("\uFFFD") ? "completes no character" : `completes “${visible(adds)}”`;
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
          ? `The draw ${fixed(answer.draw, 4)} falls between ${fixed(from, 4)} and ${fixed(to, 4)}`
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
