/** @file The cell inspector: a number's value, where it comes from, who reads it, what made it. */
import {html, signal, useEffect} from "../vendor/ui.js";
import {book, cell, isTable, openTable, select, table, tableInfo} from "../state.js";
import {ask} from "../server.js";
import {Edge, keptSize} from "./edge.js";
import {asked, CellLink, Forwards, story} from "./follow.js";
import {Products} from "./products.js";
import {Term} from "./term.js";
import {count, minus, several, short, visible} from "../text.js";

const width = keptSize("cutaway-inspector");
const failed = signal("");

export function Inspector() {
  const {version} = book.value;
  const at = cell.value;
  const page = JSON.stringify(select.value);
  useEffect(() => {
    if (!at || !tableInfo.value || tableInfo.value.name !== table.value) {
      story.value = null;
      return undefined;
    }
    let old = false;
    ask("cell", asked()).then(
      (answer) => {
        if (!old) {
          story.value = answer;
          failed.value = "";
        }
      },
      (error) => {
        if (!old) failed.value = error.message;
      },
    );
    return () => {
      old = true;
    };
  }, [version, table.value, page, at?.row, at?.column, tableInfo.value?.name]);
  const answer = story.value;
  return html`
    <aside class="inspector" aria-label="Cell"
      style=${width.value ? {"--inspector": `${width.value}px`} : null}>
      <${Edge} size=${width} words="Width of the cell's story" side="left" least=${200} most=${720} />
      <div class="inspector-story">
      <h2 class="label">
        <span>Cell</span>
        ${
          answer &&
          html`
            <button class="link small" onClick=${() => {
              cell.value = null;
            }}>close</button>
          `
        }
      </h2>
      ${failed.value && html`<p class="bad" role="alert">${failed.value}</p>`}
      ${answer ? html`<${Known} answer=${answer} />` : html`<${About} />`}
      </div>
    </aside>
  `;
}

/** What stands here when no cell is selected: the table itself. */
function About() {
  const shown = tableInfo.value;
  if (!shown) return null;
  return html`
    <p class="quiet">Select a cell: its whole story stands here.</p>
    <section>
      <h3 class="label">This table</h3>
      <dl>
        <dt>lowest</dt>
        <dd class="number">${short(shown.lowest)}</dd>
        <dt>highest</dt>
        <dd class="number">${short(shown.largest)}</dd>
        ${
          shown.origin &&
          html`
            <dt>from</dt>
            <dd>${shown.origin}</dd>
          `
        }
      </dl>
    </section>
    <${Arrows} shown=${shown} />
    <section>
      <h3 class="label">Rows and columns</h3>
      <dl>
        <dt><${Term} word=${shown.row_axis} kind="axis" /></dt>
        <dd>${shown.row_words}</dd>
        ${
          shown.column_axis &&
          html`
            <dt><${Term} word=${shown.column_axis} kind="axis" /></dt>
            <dd>${shown.column_words}</dd>
          `
        }
      </dl>
    </section>
  `;
}

function Known({answer}) {
  const difference =
    answer.before === null || answer.value === null ? null : answer.value - answer.before;
  return html`
    <p class=${`value number ${answer.value < 0 ? "cold" : ""}`} title=${`exactly ${answer.exact}`}>
      ${minus(answer.words)}
    </p>
    ${
      answer.before !== null &&
      html`
        <p class="changed number">
          <${Term} word="was" kind="page" /> ${short(answer.before)}
          ${difference !== null && ` (${difference >= 0 ? "+" : "−"}${short(Math.abs(difference))})`}
        </p>
      `
    }
    <p class="mono small quiet address">${answer.address}</p>
    <section>
      <dl>
        ${answer.labels.map(
          ({axis, index, count_from_1: fromOne, text}) => html`
            <dt key=${axis}><${Term} word=${axis} kind="axis" /> ${index}</dt>
            <dd>
              ${text ? html`<span class="token">${visible(text)}</span>${" "}` : ""}
              <span class="quiet">${count(fromOne)}, counted from 1</span>
            </dd>
          `,
        )}
      </dl>
    </section>
    ${
      answer.origin &&
      html`
        <section>
          <h3 class="label">Where it comes from</h3>
          <p>${answer.origin}</p>
        </section>
      `
    }
    ${
      answer.edits?.length > 0 &&
      html`
        <section>
          <h3 class="label">Typed over this table</h3>
          <ul>
            ${answer.edits.map(
              (words, index) => html`<li key=${index} class="mono small">${words}</li>`,
            )}
          </ul>
        </section>
      `
    }
    ${answer.terms && html`<${Terms} terms=${answer.terms} typed=${answer.edits?.length > 0} />`}
    ${!answer.table.startsWith("scratch.") && html`<${Forwards} address=${answer.address} />`}
    ${tableInfo.value && html`<${Arrows} shown=${tableInfo.value} />`}
  `;
}

function Terms({terms, typed}) {
  const {parts, products, shares, shares_left: left, note, formula, result} = terms;
  return html`
    <section>
      <h3 class="label">${typed ? "What its formula gives here" : "What made it"}</h3>
      ${
        typed &&
        html`
          <p class="small changed">
            Numbers were typed over this table: they stand in place of what the formula gives.
          </p>
        `
      }
      <p class="mono small formula-used">${formula}</p>
      ${
        parts.length > 0 &&
        html`
          <table class="plain" aria-label="Parts of the formula">
            <tbody>
              ${parts.map(
                (part, index) => html`
                  <tr key=${index}>
                    <td class="mono">
                      <${CellLink} place=${part.cell}>${part.words}</${CellLink}>
                    </td>
                    <td class="number">${short(part.value)}</td>
                  </tr>
                `,
              )}
              <tr>
                <td class="mono"><b>${result.words}</b></td>
                <td class="number"><b>${short(result.value)}</b></td>
              </tr>
            </tbody>
          </table>
        `
      }
      ${
        shares &&
        html`
          <table class="plain" aria-label="The row's shares">
            <thead>
              <tr>
                <th scope="col"><${Term} word=${tableInfo.value?.axes.at(-1)} kind="axis" /></th>
                <th scope="col">number</th>
                <th scope="col">share</th>
              </tr>
            </thead>
            <tbody>
              ${shares.map(
                (one) => html`
                  <tr key=${one.index}>
                    <td class="number">${visible(one.text)}</td>
                    <td class="number">
                      <${CellLink} place=${one.cell}>${short(one.score)}</${CellLink}>
                    </td>
                    <td class="number">${short(one.share)}</td>
                  </tr>
                `,
              )}
              ${
                left.count > 0 &&
                html`
                  <tr>
                    <td colspan="2">the other ${count(left.count)}</td>
                    <td class="number">${short(left.share)}</td>
                  </tr>
                `
              }
              <tr>
                <td colspan="2"><b>sum</b></td>
                <td class="number"><b>${short(sumOf(shares, left))}</b></td>
              </tr>
            </tbody>
          </table>
        `
      }
      ${
        products &&
        html`
          <p class="small">
            The row of <b>${products.left}</b> times the column of <b>${products.right}</b>:${" "}
            ${products.count} products, the largest first.
          </p>
          <table class="plain" aria-label="The largest products">
            <thead>
              <tr>
                <th scope="col">#</th>
                <th scope="col">row</th>
                <th scope="col">column</th>
                <th scope="col">product</th>
              </tr>
            </thead>
            <tbody>
              ${products.rows.map(
                (row) => html`
                  <tr key=${row.index}>
                    <td class="number">${row.index}</td>
                    <td class="number">
                      <${CellLink} place=${row.cells[0]}>${short(row.left)}</${CellLink}>
                    </td>
                    <td class="number">
                      <${CellLink} place=${row.cells[1]}>${short(row.right)}</${CellLink}>
                    </td>
                    <td class=${`number ${row.product < 0 ? "cold" : "warm"}`}>
                      ${short(row.product)}
                    </td>
                  </tr>
                `,
              )}
              <tr>
                <td colspan="3">${others(products.count - products.rows.length)}</td>
                <td class="number">${short(products.rest)}</td>
              </tr>
              <tr>
                <td colspan="3"><b>sum</b></td>
                <td class="number"><b>${short(products.total)}</b></td>
              </tr>
            </tbody>
          </table>
        `
      }
      ${products && html`<${Products} />`}
      ${note && html`<p class="small quiet">${note}</p>`}
    </section>
  `;
}

/** All shares of a row, listed or not. */
const sumOf = (shares, left) => shares.reduce((sum, {share}) => sum + share, left.share);

/** "the other 16 products"; none are left of a short row. */
const others = (left) => (left ? `the other ${several(left, "product")}` : "no others");

function Arrows({shown}) {
  return html`
    ${
      shown.precedents.length > 0 &&
      html`
        <section>
          <h3 class="label">Reads</h3>
          <${Names} names=${shown.precedents} />
        </section>
      `
    }
    ${
      shown.dependents.length > 0 &&
      html`
        <section>
          <h3 class="label">Is read by</h3>
          <${Names} names=${shown.dependents} />
        </section>
      `
    }
  `;
}

function Names({names}) {
  return html`
    <ul>
      ${names.map(
        (name) => html`
          <li key=${name}>
            ${
              isTable(name)
                ? html`
                  <button class="link mono" onClick=${() => openTable(name)}>${name}</button>
                `
                : html`<span class="mono quiet">${name}</span>`
            }
          </li>
        `,
      )}
    </ul>
  `;
}
