/** @file Tokens as people read them: spaces to be seen, and bytes that are no whole character as bytes. */
import {html} from "../../vendor/ui.js";

/**
 * @typedef {string | Array<string | number>} Shown a text, or its parts in order, a number for each
 * lone byte
 */

const TINTS = 4;
const SIGNS = {"\n": ["⏎", "line break"], "\r": ["␍", "carriage return"], "\t": ["⇥", "tab"]};
// Letters without a shape of their own: control characters, other spaces, joiners and marks of direction.
const SHAPELESS =
  /([\u0000-\u001f\u007f-\u00a0\u00ad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff ])/;

/** A byte as two digits. */
export function twoDigits(byte) {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}

/** The token in plain letters, for names and keys: a lone byte is <0xE6>. @param {Shown} shown */
export function plain(shown) {
  return parts(shown)
    .map((part) => (typeof part === "number" ? `<0x${twoDigits(part)}>` : part))
    .join("");
}

/** The token as it is said. @param {Shown} shown */
export function spoken(shown) {
  const words = parts(shown).map((part) =>
    typeof part === "number"
      ? ` byte ${twoDigits(part)} `
      : part
          .split(SHAPELESS)
          .map((run) => (SHAPELESS.test(run) ? ` ${nameOf(run)} ` : run))
          .join(""),
  );
  return words.join("").replaceAll(/ +/g, " ").trim() || "nothing";
}

/** Two tokens side by side, as one. @param {Shown} left @param {Shown} right @returns {Shown} */
export function beside(left, right) {
  return typeof left === "string" && typeof right === "string"
    ? left + right
    : [...parts(left), ...parts(right)];
}

/** How many letters wide the token is when it is drawn. @param {Shown} shown */
export function widthOf(shown) {
  const widths = parts(shown).map((part) => (typeof part === "number" ? 2.4 : [...part].length));
  return widths.reduce((sum, width) => sum + width, 0);
}

/**
 * The token in one line of letters, for a drawing: · for a space, E6 for a lone byte. @param
 * {Shown} shown
 */
export function drawn(shown) {
  return parts(shown)
    .map((part) =>
      typeof part === "number"
        ? twoDigits(part)
        : part.replaceAll(" ", "·").replaceAll("\n", "⏎").replaceAll("\t", "⇥"),
    )
    .join("\u2009");
}

/** The token's letters. @param {{of: Shown}} props */
export function Letters({of}) {
  return parts(of).map((part) =>
    typeof part === "number"
      ? html`<span class="tk-byte">${twoDigits(part)}</span>`
      : part.split(SHAPELESS).map(shaped),
  );
}

function shaped(run) {
  if (!SHAPELESS.test(run)) return run;
  if (run === " ") return html`<span class="tk-space"> </span>`;
  if (run in SIGNS)
    return html`<span class="tk-sign" title=${SIGNS[run][1]}>${SIGNS[run][0]}</span>`;
  return html`<span class="tk-byte" title=${nameOf(run)}>${nameOf(run)}</span>`;
}

/**
 * A token on its tint. The tint only sets neighbours apart.
 * @param {{of: Shown, place?: number, made?: boolean}} props
 */
export function Token({of, place = 0, made = false}) {
  return html`
    <span class=${`tk-token tk-tint-${place % TINTS}${made ? " tk-made" : ""}`}>
      <${Letters} of=${of} />
    </span>
  `;
}

/** Tokens in a row, with their ids below. @param {{tokens: Array<{id: number, text: Shown}>}} props */
export function Row({tokens}) {
  return html`
    <span class="tk-row">
      ${tokens.map(
        ({id, text}, place) => html`
          <span class="tk-cell" key=${place}>
            <${Token} of=${text} place=${place} />
            <span class="tk-id">${id}</span>
          </span>
        `,
      )}
    </span>
  `;
}

/** @param {Shown} shown */
function parts(shown) {
  return typeof shown === "string" ? [shown] : shown;
}

function nameOf(letter) {
  if (letter === " ") return "space";
  return (
    SIGNS[letter]?.[1] ?? `U+${letter.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`
  );
}
