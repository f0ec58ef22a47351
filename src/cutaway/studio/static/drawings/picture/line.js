/** @file A row of numbers: all of it as a strip, and the numbers around the one in question. */
import {html, signal} from "../../vendor/ui.js";
import {count} from "../../text.js";
import {Strip} from "../machine_parts.js";
import {Term} from "../../panels/term.js";
import {digits, drawable, goToNumber, labelAt, litNumber, placeWords} from "./words.js";

/** @typedef {import("./words.js").Line} Line */

const CELL = 72; // pixels that a number takes
const MOST = 13;

/** How wide the picture is, in pixels. */
export const room = signal(600);

/** How many numbers of a line are shown beside each other. */
export const shownCells = (less = 0) =>
  Math.max(3, Math.min(MOST, Math.floor((room.value - less) / CELL)));

/** The indices that are shown: so many, the one in question in the middle. */
export function windowOf(line, most, middle = line.lit) {
  const last = line.first + line.numbers.length;
  const from = Math.max(line.first, Math.min(middle - Math.floor(most / 2), last - most));
  return Array.from({length: Math.min(most, last - from)}, (_, index) => from + index);
}

/**
 * @param {object} props
 * @param {Line} props.line
 * @param {string} [props.sign] what is done with it: "+", "="
 * @param {string} [props.kind] "result" for what comes out
 * @param {{of: number, chosen: number} | null} [props.cut] equal pieces that it is cut into
 * @param {string} [props.pieces] what a piece is called
 */
export function NumberLine({line, sign = "", kind = "input", cut = null, pieces = ""}) {
  if (!line.axis) return html`<${Constant} line=${line} sign=${sign} />`;
  const isWhole = line.numbers.length === line.count;
  const shown = windowOf(line, shownCells());
  return html`
    <figure class=${`pic-line pic-${kind}`}>
      <figcaption>
        ${sign && html`<span class="pic-sign">${sign}</span>`}
        <${LineName} line=${line} />
      </figcaption>
      ${
        isWhole &&
        line.count > shown.length &&
        html`<${Whole} line=${line} shown=${shown} cut=${cut} pieces=${pieces} />`
      }
      <table class="pic-cells" aria-label=${`${line.words}, around the number in question`}>
        <tbody>
          <tr>
            ${shown.map(
              (index) => html`
                <th key=${index} scope="col" class=${index === line.lit ? "pic-lit" : ""}>
                  ${labelAt(line, index)}
                </th>
              `,
            )}
          </tr>
          <tr>
            ${shown.map((index) => {
              const value = line.numbers[index - line.first];
              const isLit = index === line.lit;
              return html`
                <td key=${index} aria-current=${isLit ? "true" : null}
                  class=${`number ${tone(value)} ${isLit ? "pic-lit" : ""}`}>
                  ${
                    line.table && kind === "result" && !isLit
                      ? html`
                        <button class="pic-cell" title="How this one was made"
                          onClick=${() => goToNumber(line, index)}>${digits(value, line.whole)}</button>
                      `
                      : digits(value, line.whole)
                  }
                </td>
              `;
            })}
          </tr>
        </tbody>
      </table>
    </figure>
  `;
}

export const tone = (value) => (drawable(value) < 0 ? "cold" : "");

/** What a line is called, with the way to its table, and along what it lies. */
export function LineName({line}) {
  const place = placeWords(line);
  return html`
    ${
      line.table
        ? html`
          <button class="link mono" title=${`Open ${line.table} at this number`}
            onClick=${() => goToNumber(line)}>${line.words}</button>
        `
        : html`<code>${line.words}</code>`
    }${" "}
    <span class="small quiet">
      ${place && `${place}: `}${count(line.count)} along${" "}
      <${Term} word=${line.axis} kind="axis" />
    </span>
  `;
}

function Constant({line, sign}) {
  const value = digits(litNumber(line), Number.isInteger(litNumber(line)));
  return html`
    <p class="pic-constant">
      ${sign && html`<span class="pic-sign">${sign}</span>`}
      ${line.words !== value && !/^[-\d.e]+$/.test(line.words) && html`<code>${line.words}</code> = `}
      <b class="number">${value}</b>
    </p>
  `;
}

/** All numbers as a strip; what stands below it in digits is bracketed. */
function Whole({line, shown, cut, pieces}) {
  const width = room.value;
  const x = (index) => (width * index) / line.count;
  const from = x(shown[0]);
  const to = x(shown.at(-1) + 1);
  const lit = x(line.lit + 0.5);
  return html`
    <svg class="pic-strip" width=${width} height=${cut ? 44 : 28} viewBox=${`0 0 ${width} ${cut ? 44 : 28}`}
      role="img" aria-label=${
        `All ${line.count} numbers of ${line.words}; those below are ${shown[0]} to ${shown.at(-1)}` +
        (cut ? `; ${pieces} ${cut.chosen} of ${cut.of}` : "")
      }>
      <${Strip} row=${line.numbers.map(drawable)} x=${0} y=${12} width=${width} height=${16} />
      ${
        cut &&
        Array.from({length: cut.of}, (_, piece) => {
          const each = width / cut.of;
          const isChosen = piece === cut.chosen;
          return html`
            <g key=${piece}>
              <rect x=${piece * each + 0.5} y="4" width=${each - 1} height="16"
                class=${isChosen ? "pic-piece pic-chosen" : "pic-piece"} />
              ${
                each > 22 &&
                html`
                  <text x=${(piece + 0.5) * each} y="38" text-anchor="middle"
                    class=${isChosen ? "pic-text pic-strong" : "pic-text"}>
                    ${each > 70 ? `${pieces} ${piece}` : piece}
                  </text>
                `
              }
            </g>
          `;
        })
      }
      <path class="pic-bracket" d=${`M${from + 0.5} 22v4H${to - 0.5}v-4`} />
      <path class="pic-mark" d=${`M${lit} 3l-4-3h8z`} />
    </svg>
  `;
}
