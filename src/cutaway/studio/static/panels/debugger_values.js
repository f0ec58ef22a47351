/**
 * @file Values of a paused program: each as text, or as a small table whose cells are tinted by
 * their number.
 */
import {html, signal} from "../vendor/ui.js";
import {fixed, minus, powers} from "../text.js";

const MOST_SHOWN = 12;
const STRONGEST_TINT = 50;
const folded = signal(new Set());

/**
 * One value under its name.
 *
 * @param {object} props
 * @param {{name: string, text: string, shape_words?: string, rows?: Array<Array<number | string | boolean>>,
 *   lowest?: number, largest?: number, error?: boolean}} props.value as the worker tells it
 * @param {boolean} [props.changed] since the pause before
 * @param {() => void} [props.onRemove]
 */
export function Value({value, changed = false, onRemove}) {
  const {name, text, shape_words: shape, rows, error} = value;
  const open = Boolean(rows) && !folded.value.has(name);
  return html`
    <li class=${`value-shown ${changed ? "changed-value" : ""}`}>
      <div class="value-head">
        ${
          rows
            ? html`
              <button class="value-fold" type="button" aria-expanded=${open}
                onClick=${() => fold(name)}>
                <span aria-hidden="true">${open ? "▾" : "▸"}</span> <code>${name}</code>
              </button>
            `
            : html`<code class="value-name">${name}</code>`
        }${" "}
        ${changed && html`<span class="value-word">changed</span>`}
        ${
          shape
            ? html`<span class="value-shape">${shape}</span>`
            : html`<code class=${`value-text ${error ? "value-wrong" : ""}`}>${text}</code>`
        }
        ${rows && html`<span class="value-range">${range(value)}</span>`}
        ${
          onRemove &&
          html`
            <button class="icon" type="button" aria-label=${`Watch ${name} no more`}
              onClick=${onRemove}>×</button>
          `
        }
      </div>
      ${open && html`<${HeatTable} value=${value} />`}
    </li>
  `;
}

function fold(name) {
  const next = new Set(folded.value);
  if (!next.delete(name)) next.add(name);
  folded.value = next;
}

/** @param {any} value */
function range({lowest, largest, rows}) {
  const cut = rows.length === MOST_SHOWN || rows[0].length === MOST_SHOWN;
  const shown = cut ? `, the first ${rows.length} × ${rows[0].length}` : "";
  return `${short(lowest)} to ${short(largest)}${shown}`;
}

/**
 * The first rows and columns; warm above zero, cold below, as strong as the largest of the whole
 * table allows.
 */
function HeatTable({value: {name, rows, lowest, largest}}) {
  const most = Math.max(...[lowest, largest].filter(Number.isFinite).map(Math.abs), 0);
  return html`
    <div class="heat-frame">
      <table class="heat" aria-label=${name}>
        <tbody>
          ${rows.map(
            (row) => html`
              <tr>
                ${row.map(
                  (number) => html`
                    <td class=${Number.isFinite(number) ? "" : "no-number"}
                      style=${tint(number, most)} title=${String(number)}>${short(number)}</td>
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

function tint(number, most) {
  if (!Number.isFinite(number) || number === 0 || most === 0) return {};
  const strength = Math.round(Math.min(1, Math.abs(number) / most) * STRONGEST_TINT);
  const hue = number > 0 ? "var(--warm)" : "var(--cold)";
  return {backgroundColor: `color-mix(in srgb, ${hue} ${strength}%, transparent)`};
}

/** A number in few characters: 0.0813, 12.5, 3.1e−7. What is no finite number came as a text. */
export function short(number) {
  if (typeof number !== "number" || (Number.isInteger(number) && Math.abs(number) < 1e5))
    return minus(String(number));
  const size = Math.abs(number);
  if (size >= 1e4 || size < 1e-3) return powers(number, 1);
  return fixed(number, size >= 100 ? 1 : size >= 1 ? 2 : 3);
}
