/** @file A product of two tables, one multiplication after the other, with the sum so far. */
import {html, signal, useEffect} from "../vendor/ui.js";
import {book, cell, select, table} from "../state.js";
import {ask} from "../server.js";
import {short} from "../text.js";

const AROUND = 2;
const whole = signal(null);
const at = signal(0);

/** Opens on the shown cell; closes when another is chosen. */
export function Products() {
  const place = cell.value;
  const key = JSON.stringify([
    table.value,
    select.value,
    place?.row,
    place?.column,
    book.value.version,
  ]);
  useEffect(() => {
    if (whole.value?.key !== key) whole.value = null;
  }, [key]);
  if (!place) return null; // the cell was left, and its story goes with the next answer
  const open = async () => {
    const answer = await ask("products", {
      table: table.value,
      select: select.value,
      row: place.row,
      column: place.column,
    });
    if (answer.row) {
      at.value = 0;
      whole.value = {...answer, key};
    }
  };
  if (!place) return null; // the cell was left; the inspector goes with it
  if (whole.value?.key !== key)
    return html`<button class="button" onClick=${open}>Step through the products</button>`;
  return html`<${Steps} answer=${whole.value} />`;
}

function Steps({answer}) {
  const last = answer.row.length - 1;
  const now = Math.min(at.value, last);
  const first = Math.max(0, Math.min(now - AROUND, last - 2 * AROUND));
  const shown = Array.from(
    {length: Math.min(2 * AROUND + 1, last + 1)},
    (_, index) => first + index,
  );
  return html`
    <div class="stepping" role="group" aria-label="One product after the other">
      <table class="plain">
        <tbody>
          <tr>
            <th scope="row">#</th>
            ${shown.map(
              (index) => html`
                <td key=${index} class=${`number ${index === now ? "chosen" : ""}`}>${index}</td>
              `,
            )}
          </tr>
          <tr>
            <th scope="row">row</th>
            ${shown.map(
              (index) => html`
                <td key=${index} class=${`number ${index === now ? "chosen" : ""}`}>
                  ${short(answer.row[index])}
                </td>
              `,
            )}
          </tr>
          <tr>
            <th scope="row">col</th>
            ${shown.map(
              (index) => html`
                <td key=${index} class=${`number ${index === now ? "chosen" : ""}`}>
                  ${short(answer.column[index])}
                </td>
              `,
            )}
          </tr>
        </tbody>
      </table>
      <input type="range" min="0" max=${last} value=${now}
        aria-label=${`Product ${now} of ${last + 1}`} onInput=${(event) => {
          at.value = Number(event.target.value);
        }} />
      <p class="number small" aria-live="polite">
        ${short(answer.row[now])} × ${short(answer.column[now])} = ${short(answer.products[now])}
        <br />
        sum of ${now + 1}: <b>${short(answer.sums[now])}</b>
      </p>
      <div class="row">
        <button class="button" disabled=${now === 0} onClick=${() => {
          at.value = now - 1;
        }}>Before</button>
        <button class="button" disabled=${now === last} onClick=${() => {
          at.value = now + 1;
        }}>Next</button>
      </div>
    </div>
  `;
}
