/**
 * @file What came of a cell, below it: its value as numbers, tokens or text, what it printed, its
 * mistake.
 */
import {html} from "../../vendor/ui.js";
import {openTable} from "../../state.js";
import {numberWriter} from "../../grid/numbers.js";
import {printed} from "./cells.js";
import {fixed, visible} from "../../text.js";

/**
 * @param {object} props
 * @param {import("./cells.js").Cell} props.cell
 * @param {any} props.result
 * @param {boolean} props.marked whether the editor shows the mistake's first line below the line of code
 */
export function Result({cell, result, marked}) {
  const text = printed.value[cell.cell];
  const failed = result.state === "error";
  const mistake = marked ? result.message.split("\n").slice(1).join("\n") : result.message;
  return html`
    <div class="sc-result">
      ${
        text &&
        html`<pre class="sc-printed" tabindex="0" aria-label="What it printed">${text}</pre>`
      }
      ${!failed && html`<${Value} result=${result} />`}
      ${
        failed &&
        mistake &&
        html`
          <p class="sc-mistake">
            ${result.line && !marked && html`<span class="label">line ${result.line}</span>`}
            <span>${mistake}</span>
          </p>
        `
      }
      ${
        !failed &&
        result.message &&
        html`
          <p class=${`sc-message ${result.state === "stale" ? "changed" : "quiet"}`}>
            ${result.message}
          </p>
        `
      }
      ${result.made?.length > 0 && html`<${Made} made=${result.made} />`}
    </div>
  `;
}

function Value({result}) {
  if (!result.shape_words) return null;
  return html`
    <div class="sc-value">
      ${result.preview && html`<${Numbers} preview=${result.preview} />`}
      ${result.ranking && html`<${Ranking} rows=${result.ranking} />`}
      ${
        result.text &&
        html`
          <pre class=${result.text.length < 30 ? "sc-single" : "sc-text"}>${result.text}</pre>
        `
      }
    </div>
    <p class="sc-words">
      <span>${result.shape_words}</span>
      ${result.preview && html`<span class="quiet">${extent(result.preview)}</span>`}
      ${
        result.table &&
        html`
          <button class="link" onClick=${() => openTable(result.table)}>Open as table</button>
        `
      }
    </p>
  `;
}

function extent({rows, n_rows: count, n_columns: width, pages, lowest, largest}) {
  const cut = [
    ...pages.map(({axis}) => `${axis} 0`),
    rows.length < count && `rows 0 to ${rows.length - 1}`,
    rows[0].length < width && `columns 0 to ${rows[0].length - 1}`,
  ].filter(Boolean);
  const write = numberWriter({largest: Math.max(Math.abs(lowest), Math.abs(largest))});
  return `${cut.length ? `shown: ${cut.join(", ")}; ` : ""}from ${write(lowest)} to ${write(largest)}`;
}

/** The first numbers, each on the colour of its sign. Shares of 1 have a colour of their own. */
function Numbers({preview}) {
  const {
    rows,
    row_labels: rowLabels,
    column_labels: columnLabels,
    row_axis: rowAxis,
    column_axis: columnAxis,
    lowest,
    largest,
  } = preview;
  const size = Math.max(Math.abs(lowest), Math.abs(largest));
  const share = lowest >= 0 && largest <= 1.0001;
  const write = numberWriter({
    largest: size,
    share,
    whole: rows.flat().every(Number.isInteger) && size < 1e6,
  });
  const labelled = rowLabels.some(Boolean);
  const single = rows.length === 1 && !rowAxis;
  return html`
    <div class="sc-scroll" tabindex="0" role="group" aria-label="First numbers">
      <table class="sc-numbers">
        <thead>
          <tr>
            ${
              !single &&
              html`
                <th class="sc-axes">
                  ${rowAxis}
                  <b>↓</b> ${columnAxis}
                  <b>→</b>
                </th>
              `
            }
            ${rows[0].map(
              (_, column) => html`
                <th key=${column} scope="col">
                  ${columnLabels[column] ? visible(columnLabels[column]) : column}
                </th>
              `,
            )}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row, index) => html`
              <tr key=${index}>
                ${
                  !single &&
                  html`
                    <th scope="row">
                      ${labelled && rowLabels[index] ? visible(rowLabels[index]) : index}
                    </th>
                  `
                }
                ${row.map(
                  (value, column) => html`
                    <${Number_} key=${column} ...${{value, size, share, write}} />
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

function Number_({value, size, share, write}) {
  if (typeof value === "string")
    return html`<td class="sc-odd">${{inf: "∞", "-inf": "−∞"}[value] ?? "NaN"}</td>`;
  const sign = share ? "share" : value < 0 ? "cold" : "warm";
  const heat = size ? Math.min(1, Math.abs(value) / size) : 0;
  return html`
    <td class=${`sc-${sign}`} style=${{"--heat": `${Math.round(heat * 100)}%`}}>${write(value)}</td>
  `;
}

/** Tokens, the nearest first, each with a bar as long as its cosine. */
function Ranking({rows}) {
  return html`
    <table class="plain sc-ranking">
      <thead>
        <tr>
          <th class="number">#</th>
          <th>token</th>
          <th class="number">id</th>
          <th class="number">cosine</th>
          <td></td>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({token, id, cosine}, index) => html`
            <tr key=${id}>
              <td class="number quiet">${index + 1}</td>
              <td><span class="token">${visible(token)}</span></td>
              <td class="number quiet">${id}</td>
              <td class="number">${fixed(cosine, 4)}</td>
              <td class="sc-bar">
                <i class=${cosine < 0 ? "cold" : ""} style=${{width: `${Math.abs(cosine) * 100}%`}}></i>
              </td>
            </tr>
          `,
        )}
      </tbody>
    </table>
  `;
}

/** The names that code has made. */
function Made({made}) {
  return html`
    <p class="sc-made">
      <span class="label">made</span>
      ${made.map(
        ({name, words, table}) => html`
          <span key=${name}>
            ${
              table
                ? html`
                  <button class="link mono" onClick=${() => openTable(table)}>${name}</button>
                `
                : html`<code>${name}</code>`
            }${" "}
            <span class="quiet">${words}</span>
          </span>
        `,
      )}
    </p>
  `;
}
