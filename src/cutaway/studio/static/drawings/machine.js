/** @file The drawing of the whole machine: tokens, strips, the plates of the blocks, the next token. */
import {html} from "../vendor/ui.js";
import {book} from "../state.js";
import {count, percent, visible} from "../text.js";
import {BlockPlate, focus, TOP} from "./machine_plate.js";
import {clipped, Door, Strip} from "./machine_parts.js";

/** @typedef {import("../messages.js").Answers["overview"]} Overview */

// In pixels: a row's height, what stands below the rows, the tokens' words, the head's width.
const ROW = {least: 26, most: 52};
const BELOW = 62;
const LABEL = 78;
const HEAD = {least: 210, most: 290};
const SIGNS = {token_embeddings: "token", position_embeddings: "place", embeddings: "sum"};

/**
 * @param {object} props
 * @param {Overview} props.machine
 * @param {number} props.fresh the first row that is seen to run through the machine
 * @param {number} props.width in pixels
 * @param {number} props.height in pixels; it takes more where the rows would be too close
 */
export function MachineDrawing({machine, fresh, width, height: wished}) {
  const {tokens} = machine;
  const room = Math.max(width, 640);
  const fitting = (wished - TOP - BELOW) / tokens.length;
  const step = Math.max(ROW.least, Math.min(ROW.most, fitting));
  const y = (/** @type {number} */ index) => TOP + step * (index + 0.5);
  const bottom = TOP + step * tokens.length;
  const height = bottom + BELOW;
  const head = Math.max(HEAD.least, Math.min(HEAD.most, room * 0.22));
  const firstWidth = Math.max(22, Math.min(46, room / 30));
  const firstEnd = LABEL + machine.first.length * (firstWidth + 16);
  const each = (room - head - firstEnd) / Math.max(1, machine.plates.length);
  return html`
    <svg class="machine-drawing" viewBox=${`0 0 ${room} ${height}`} width=${room} height=${height}
      role="group" aria-label="The machine, from the prompt to the next token">
      ${tokens.map(
        (_, index) => html`
          <line key=${index} x1=${LABEL} x2=${room - head + 4} y1=${y(index)} y2=${y(index)}
            class=${index === tokens.length - 1 ? "track last" : "track"} />
        `,
      )}
      <${Tokens} tokens=${tokens} first=${machine.first_position} y=${y} step=${step} />
      <${First} machine=${machine} fresh=${fresh} tokens=${tokens} y=${y} width=${firstWidth} />
      ${machine.plates.map(
        (plate, index) => html`
          <${BlockPlate} key=${plate.block} plate=${plate} fresh=${fresh} tokens=${tokens} y=${y}
            x=${firstEnd + index * each} width=${each} bottom=${bottom}
            first=${machine.first_position} />
        `,
      )}
      ${
        machine.plates.some((plate) => plate.guess) &&
        html`
          <text x=${firstEnd - 12} y=${bottom + 30} text-anchor="end" class="plate-name">
            would come next here
          </text>
        `
      }
      <${Head} machine=${machine} fresh=${fresh} y=${y(tokens.length - 1)} x=${room - head} width=${head}
        position=${machine.first_position + tokens.length - 1} />
    </svg>
  `;
}

function Tokens({tokens, first, y, step}) {
  return html`
    <text x=${LABEL - 8} y="24" text-anchor="end" class="machine-name">prompt</text>
    ${tokens.map(
      (token, index) => html`
        <g key=${index} class="machine-token" onPointerEnter=${() => {
          focus.value = index;
        }}
          onPointerLeave=${() => {
            focus.value = null;
          }}>
          <${Door} table="ids" at=${{row: first + index, column: 0}}
            says=${tokenWords(token, first + index)}
            words=${html`
              <text x=${LABEL - 8} y=${y(index) + 4.5} text-anchor="end" class="machine-text">
                ${clipped(visible(token.text), 8)}
              </text>
            `}>
            <rect x="0" y=${y(index) - step / 2 + 2} width=${LABEL - 4} height=${step - 4}
              class="door-room" />
          </${Door}>
        </g>
      `,
    )}
  `;
}

/** The strips before the first block: the token's row, its place's row, and both added. */
function First({machine, fresh, tokens, y, width}) {
  const x = (/** @type {number} */ index) => LABEL + 4 + index * (width + 16);
  return machine.first.map(
    (one, index) => html`
      <g key=${one.table}>
        <text x=${x(index) + width / 2} y="24" text-anchor="middle" class="machine-name">
          ${SIGNS[one.role] ?? one.table}
        </text>
        <${Door} table=${one.table} says=${`${one.table}: ${one.meaning}`}>
          <rect x=${x(index) - 3} y=${y(0) - 14} width=${width + 6}
            height=${y(tokens.length - 1) - y(0) + 28} class="door-room" />
          ${one.rows.map(
            (row, position) => html`
              <${Strip} key=${position} row=${row} x=${x(index)} y=${y(position)} width=${width}
                fresh=${position >= fresh} />
            `,
          )}
        </${Door}>
        ${
          index < machine.first.length - 1 &&
          tokens.map(
            (_, position) => html`
              <text key=${position} x=${x(index) + width + 8} y=${y(position) + 4}
                text-anchor="middle" class="machine-sign" aria-hidden="true">
                ${index === machine.first.length - 2 ? "=" : "+"}
              </text>
            `,
          )
        }
      </g>
    `,
  );
}

/** The language head: the last row meets the token table, and bars come out. */
function Head({machine, fresh, y, x, width, position}) {
  const {prediction, model} = book.value;
  const bars = prediction.slice(0, 6);
  const tall = 26;
  const top = Math.max(TOP, y - bars.length * tall + tall / 2);
  const table = model.roles.token_table;
  const from = x + 66;
  const room = width - 66 - 62;
  const most = Math.max(...bars.map((one) => one.probability), 1e-9);
  return html`
    <g class=${fresh < machine.tokens.length ? "plate fresh" : "plate"}
      style=${{"--order": machine.plates.length + 1}}>
      ${
        machine.last &&
        html`
          <${Door} table=${machine.last.table} at=${{row: position, column: 0}}
            says=${`${machine.last.table}: ${machine.last.meaning}`}>
            <rect x=${x} y=${y - 16} width="40" height="32" class="door-room" />
            <${Strip} row=${machine.last.rows.at(-1)} x=${x + 6} y=${y} width=${28} height=${16} />
          </${Door}>
        `
      }
      ${
        table &&
        html`
          <${Door} table=${table}
            says=${
              `${table}: one row for each of the ${count(model.n_vocabulary)} tokens. ` +
              `The last row of the prompt is compared with every one of them.`
            }>
            <rect x=${x + 42} y=${top - 12} width="14" height=${bars.length * tall + 8}
              class="token-table" />
          </${Door}>
        `
      }
      ${
        bars.length > 0 &&
        html`
          <text x=${from} y="24" class="machine-name">next token</text>
          ${bars.map((one, index) => {
            const line = top + index * tall;
            return html`
              <${Door} key=${one.id} table=${model.roles.next_probabilities}
                at=${{row: one.id, column: 0}}
                says=${`“${visible(one.text)}” comes next with ${percent(one.probability)}.`}
                words=${html`
                  <text x=${from} y=${line + 4.5} class="machine-text">
                    ${clipped(visible(one.text), 9)}
                  </text>
                  <text x=${x + width - 4} y=${line + 4.5} text-anchor="end" class="machine-number">
                    ${percent(one.probability)}
                  </text>
                `}>
                <rect x=${from - 4} y=${line - 11} width=${width - 64} height="24"
                  class="door-room" />
                <rect x=${from + 74} y=${line - 7} height="14" class="share-fill"
                  width=${Math.max(1, (Math.max(8, room - 60) * one.probability) / most)} />
              </${Door}>
            `;
          })}
        `
      }
    </g>
  `;
}

const tokenWords = (token, position) =>
  `Token ${position}: “${visible(token.text)}”, number ${token.id} of the vocabulary.`;
