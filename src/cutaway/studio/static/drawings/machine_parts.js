/** @file Parts of the drawing of the machine: doors, strips of numbers, the parts list to scale. */
import {html, signal} from "../vendor/ui.js";
import {book, moved, openTable} from "../state.js";
import {count, percent} from "../text.js";

/** What the part that is pointed at is and does; empty when none is. */
export const caption = signal("");

/**
 * A part of the drawing that opens a table, by pointer or keyboard.
 * @param {object} props
 * @param {string} props.table
 * @param {string} props.says what it is, and its numbers
 * @param {Record<string, number>} [props.select]
 * @param {{row: number, column: number} | null} [props.at]
 * @param {any} [props.words] texts upon it, which `says` says as well
 * @param {any} [props.children]
 */
export function Door({table, says, select = {}, at = null, words, children}) {
  const open = () => {
    caption.value = "";
    openTable(table, select, at);
  };
  const tell = () => {
    caption.value = says;
  };
  const quiet = () => {
    caption.value = "";
  };
  return html`
    <g class=${moved.value.has(table) ? "door moved" : "door"} role="button" tabindex="0"
      aria-label=${says} onClick=${open} onPointerEnter=${tell} onPointerLeave=${quiet}
      onFocus=${tell} onBlur=${quiet} onKeyDown=${(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        open();
      }}>
      ${children}
    </g>
    <g class="door-words" aria-hidden="true">${words}</g>
  `;
}

/** A text of at most so many letters. */
export const clipped = (text, most) =>
  text.length > most ? `${text.slice(0, Math.max(1, most - 1))}…` : text;

/**
 * A row of numbers as cells: vermilion above 0, blue below, as strong as the number is far from 0.
 * @param {object} props
 * @param {number[]} props.row
 * @param {number} props.x
 * @param {number} props.y the middle
 * @param {number} props.width
 * @param {number} [props.height]
 * @param {boolean} [props.fresh] whether it is seen to come
 * @param {boolean} [props.fires] whether the numbers are neurons, of which only those above 0 count
 */
export function Strip({row, x, y, width, height = 12, fresh = false, fires = false}) {
  const fit = Math.max(1, Math.min(row.length, Math.floor(width / 2)));
  const cells = gathered(row, fit);
  const step = width / cells.length;
  // The mean size, not the largest: a few columns of a trained model are far larger than all others.
  const scale = (2.5 * row.reduce((sum, one) => sum + Math.abs(one), 0)) / row.length || 1;
  return html`
    <g class=${fresh ? "fresh" : null}>
      <rect class="strip-paper" x=${x} y=${y - height / 2} width=${width} height=${height} />
      ${cells.map((value, index) => {
        const strength = Math.min(1, Math.abs(value) / scale);
        if (strength < 0.04 || (fires && value < 0)) return null;
        return html`
          <rect key=${index} x=${x + index * step} y=${y - height / 2} width=${step + 0.3}
            height=${height} class=${fires ? "share-fill" : value < 0 ? "cold-fill" : "warm-fill"}
            opacity=${strength.toFixed(2)} />
        `;
      })}
      <rect class="strip-line" x=${x} y=${y - height / 2} width=${width} height=${height} />
    </g>
  `;
}

/** The same row in so many cells: of neighbours, the number farthest from 0. */
function gathered(row, cells) {
  return Array.from({length: cells}, (_, cell) => {
    const from = Math.floor((cell * row.length) / cells);
    const to = Math.max(from + 1, Math.floor(((cell + 1) * row.length) / cells));
    return row.slice(from, to).reduce((far, one) => (Math.abs(one) > Math.abs(far) ? one : far));
  });
}

const LEAST_TARGET = 26; // pixels: whoever has an unsteady hand can hit it

/** All learned numbers as areas: equal heights, so widths are true. What is too narrow is no door. */
export function Areas({areas, width}) {
  const all = areas.reduce((sum, one) => sum + one.numbers, 0);
  return html`
    <div class="areas" role="group" aria-label="All learned numbers, to scale">
      ${areas.map((one) => {
        const where = one.block === null ? named(one) : `block ${one.block}, ${one.words}`;
        const share = one.numbers / all;
        const numbers = `${count(one.numbers)} learned numbers`;
        const says = `${where}: ${numbers}, ${percent(share)} of the machine.`;
        const kind = one.block === null ? "outside" : one.words === "MLP" ? "mlp" : "attention";
        const look = {class: `area area-${kind}`, style: {flexGrow: one.numbers}, title: says};
        const key = `${one.key} ${one.words}`;
        if (share * width < LEAST_TARGET)
          return html`<span key=${key} ...${look} role="img" aria-label=${says}></span>`;
        return html`
          <button key=${key} ...${look} aria-label=${says} onClick=${() => openTable(one.table)}>
            ${
              one.block === null &&
              share * width > 80 &&
              html`<span aria-hidden="true">${named(one)}</span>`
            }
          </button>
        `;
      })}
    </div>
  `;
}

const NAMES = {token_table: "token table", position_table: "place table"};

/** What a table outside the blocks is called here: by its role, if it has one. */
function named({table}) {
  const {roles} = book.value.model;
  const role = Object.keys(NAMES).find((one) => roles[one] === table);
  return role ? NAMES[role] : table;
}
