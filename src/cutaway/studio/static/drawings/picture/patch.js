/** @file Some rows and columns of a table as squares: the mask's staircase, a table turned, heads. */
import {html} from "../../vendor/ui.js";
import {select} from "../../state.js";
import {visible} from "../../text.js";
import {clipped} from "../machine_parts.js";
import {NumberLine, room} from "./line.js";
import {digits, drawable} from "./words.js";

const SQUARE = {least: 7, most: 24};
const LABEL = 72;

/**
 * @param {object} props
 * @param {import("./words.js").Patch} props.patch
 * @param {number} props.square how wide a number is, in pixels
 * @param {boolean} [props.labelled]
 * @param {"row" | "column"} [props.along] what is outlined beside the cell
 * @param {boolean} [props.shares] whether the numbers are shares of 1
 */
export function Squares({patch, square, labelled = true, along = "row", shares = false}) {
  const {numbers, first_row: top, first_column: left} = patch;
  const [row, column] = [patch.lit[0] - top, patch.lit[1] - left];
  const finite = numbers
    .flat()
    .map(drawable)
    .filter((value) => Math.abs(value) < Number.MAX_VALUE);
  const most = Math.max(...finite.map(Math.abs), 1e-30);
  const [x0, y0] = labelled ? [LABEL, 52] : [2, 2];
  const width = square * numbers[0].length;
  const height = square * numbers.length;
  const label = (labels, from, index) =>
    labels[index] ? visible(labels[index]) : String(from + index);
  return html`
    <svg class="pic-squares" width=${x0 + width + 3} height=${y0 + height + 3}
      viewBox=${`0 0 ${x0 + width + 3} ${y0 + height + 3}`} role="img" aria-label=${patchWords(patch)}>
      ${
        labelled &&
        numbers.map(
          (_, index) => html`
            <text key=${`r${index}`} x=${x0 - 6} y=${y0 + (index + 0.5) * square + 4}
              text-anchor="end" class=${index === row ? "pic-text pic-strong" : "pic-text"}>
              ${clipped(label(patch.row_labels, top, index), 8)}
            </text>
          `,
        )
      }
      ${
        labelled &&
        numbers[0].map(
          (_, index) => html`
            <text key=${`c${index}`} class=${index === column ? "pic-text pic-strong" : "pic-text"}
              transform=${`translate(${x0 + (index + 0.5) * square + 3} ${y0 - 5}) rotate(-50)`}>
              ${clipped(label(patch.column_labels, left, index), 7)}
            </text>
          `,
        )
      }
      ${numbers.map((line, i) =>
        line.map(
          (value, j) => html`
          <${Square} key=${`${i}-${j}`} value=${value} most=${most} shares=${shares}
            x=${x0 + j * square} y=${y0 + i * square} size=${square} />
        `,
        ),
      )}
      <rect class="pic-along" x=${along === "row" ? x0 : x0 + column * square}
        y=${along === "row" ? y0 + row * square : y0}
        width=${along === "row" ? width : square} height=${along === "row" ? square : height} />
      <rect class="pic-lit-square" x=${x0 + column * square} y=${y0 + row * square} width=${square}
        height=${square} />
    </svg>
  `;
}

function Square({value, most, x, y, size, shares}) {
  if (value === "-inf") {
    return html`
      <g>
        <rect class="pic-shut" x=${x} y=${y} width=${size} height=${size} />
        <path class="pic-hatch" d=${`M${x + 2} ${y + size - 2}L${x + size - 2} ${y + 2}`} />
      </g>
    `;
  }
  const strength = Math.min(1, Math.abs(drawable(value)) / most);
  const kind = shares ? "share-fill" : drawable(value) < 0 ? "cold-fill" : "warm-fill";
  return html`
    <g>
      <rect class="pic-square" x=${x} y=${y} width=${size} height=${size} />
      <rect class=${kind} opacity=${strength.toFixed(2)} x=${x + 0.5} y=${y + 0.5}
        width=${size - 1} height=${size - 1}><title>${digits(value)}</title></rect>
    </g>
  `;
}

/** A patch in words, for who does not see it: its size, its row in question. */
function patchWords(patch) {
  const {numbers, lit, first_row: top, first_column: left} = patch;
  const row = numbers[lit[0] - top].map((value) => digits(value)).join(", ");
  return (
    `${patch.words}: ${numbers.length} of ${patch.n_rows} rows and ${numbers[0].length} of ` +
    `${patch.n_columns} columns. ${patch.row_axis} ${lit[0]}: ${row}. In question is ` +
    `${patch.column_axis} ${lit[1]}: ${digits(numbers[lit[0] - top][lit[1] - left])}.`
  );
}

const fitting = (columns, width) =>
  Math.max(SQUARE.least, Math.min(SQUARE.most, (width - LABEL - 8) / columns));

/** Everything that lies ahead is shut: a staircase. */
export function Mask({stage}) {
  const after = stage.patches[1];
  const square = fitting(after.numbers[0].length, room.value * 0.62);
  const shut = after.numbers[after.lit[0] - after.first_row].filter((one) => one === "-inf").length;
  return html`
    <div class="pic-beside">
      <${Squares} patch=${after} square=${square} />
      <p class="pic-formula">
        Each row reads from the columns up to its own. A crossed square lies ahead of its reader:
        it is set to −∞, and softmax gives it a share of 0. In this row
        ${` ${shut} ${shut === 1 ? "is" : "are"} shut.`}
      </p>
    </div>
    <${NumberLine} line=${stage.inputs[0]} />
    <${NumberLine} line=${stage.result} kind="result" sign="=" />
  `;
}

/** The same numbers before and after the table was turned. */
export function Transpose({stage}) {
  const [before, after] = stage.patches;
  const square = fitting(2 * before.numbers[0].length + 2, room.value - LABEL);
  return html`
    <div class="pic-beside">
      <figure>
        <figcaption><code>${before.words}</code></figcaption>
        <${Squares} patch=${before} square=${square} />
      </figure>
      <span class="pic-sign" aria-hidden="true">→</span>
      <figure>
        <figcaption><code>${after.words}</code></figcaption>
        <${Squares} patch=${after} square=${square} along="column" />
      </figure>
    </div>
    <${NumberLine} line=${stage.inputs[0]} />
    <p class="pic-formula">
      Row ${before.lit[0]} is now column ${after.lit[1]}. The number in question,${" "}
      <b class="number">${digits(stage.value)}</b>, is the same.
    </p>
  `;
}

/** The rows of a table that a list asks for: here the one that this place asks for. */
export function LookUp({stage}) {
  const [patch] = stage.patches;
  return html`
    <${NumberLine} line=${stage.inputs[1]} />
    <p class="pic-formula">
      Row <b class="number">${patch.lit[0]}</b> of <code>${patch.words}</code> is taken out as it is:
    </p>
    <${Squares} patch=${patch} square=${fitting(patch.numbers[0].length, room.value)} />
    <${NumberLine} line=${stage.result} kind="result" sign="=" />
  `;
}

/** The newest row of a table. */
export function LastRow({stage}) {
  const [patch] = stage.patches;
  return html`
    <${Squares} patch=${patch} square=${fitting(patch.numbers[0].length, room.value)} />
    <p class="pic-formula">
      Of ${patch.n_rows} rows the last is taken: the newest token's, with the number
      ${` ${patch.lit[0]}.`}
    </p>
    <${NumberLine} line=${stage.result} kind="result" sign="=" />
  `;
}

/** All heads side by side; the shown one is marked, a click shows another. */
export function Heads({patches, shares, square = 9}) {
  if (patches.length < 2) return null;
  const [axis] = Object.keys(patches[0].place);
  return html`
    <section class="pic-stage">
      <h2>All ${patches.length} heads, side by side</h2>
      <div class="pic-heads" role="group" aria-label=${axis}>
        ${patches.map((patch) => {
          const head = patch.place[axis];
          return html`
            <button key=${head} class="pic-head" aria-pressed=${(select.value[axis] ?? 0) === head}
              onClick=${() => {
                select.value = {...select.value, [axis]: head};
              }}>
              <span class="small">${axis} ${head}</span>
              <${Squares} patch=${patch} square=${square} labelled=${false} shares=${shares} />
            </button>
          `;
        })}
      </div>
    </section>
  `;
}
