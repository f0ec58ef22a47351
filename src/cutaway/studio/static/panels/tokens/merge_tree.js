/**
 * @file The drawing of one piece's merges: its bytes at the top, a level for each merge, its tokens
 * at the bottom.
 */
import {html, useEffect, useRef} from "../../vendor/ui.js";
import {drawn, plain, spoken, widthOf} from "./token.js";

const LEFT = 44;
const RIGHT = 20;
const TOP = 64;
const MANY = 12;
const FOOT = 66;
const LETTER = 7.9;

/**
 * Where everything stands. A node is a token while it lives: from the level that made it to the one
 * that takes it.
 */
export function layOut(piece) {
  const bytes = piece.hex.split(" ");
  const isPlain = piece.characters.every(({n_bytes: size}) => size === 1);
  const column = bytes.length <= 8 ? 60 : bytes.length <= 16 || !isPlain ? 40 : 30;
  const level = piece.steps.length > MANY ? 34 : 42;
  const levels = piece.steps.map((_, step) => TOP + (step + 1) * level);
  const bottom = TOP + (piece.steps.length + 1) * level;
  const nodes = bytes.map((byte, place) => ({
    byte,
    x: LEFT + (place + 0.5) * column,
    y: TOP,
    made: 0,
  }));
  const joins = [];
  const alive = [...nodes];
  piece.steps.forEach((step, number) => {
    const y = levels[number];
    for (const place of [...step.joined].reverse()) {
      const [left, right] = alive.slice(place, place + 2);
      const node = {x: (left.x + right.x) / 2, y, made: number + 1, text: step.makes};
      left.end = right.end = {y, taken: number + 1};
      joins.push({number, left, right, node, rank: step.rank});
      alive.splice(place, 2, node);
      nodes.push(node);
    }
  });
  for (const node of alive) node.end = {y: bottom, taken: Infinity};
  const width = LEFT + bytes.length * column + RIGHT;
  return {
    nodes,
    joins,
    finals: alive,
    level,
    levels,
    bottom,
    column,
    width,
    height: bottom + FOOT,
    n_bytes: bytes.length,
  };
}

/** @param {{piece: any, done: number, go: (done: number) => void}} props */
export function MergeTree({piece, done, go}) {
  const drawing = layOut(piece);
  const {width, height, nodes, joins, level, levels} = drawing;
  const frame = useRef(null);
  const next = joins.find(({number}) => number === done);
  useEffect(() => inSight(frame.current, next?.node ?? {x: 0, y: done ? height : 0}), [done]);
  const words =
    `How ${spoken(piece.text)} is merged: ${piece.steps.length} merges, ${done} of them done. ` +
    piece.steps
      .slice(0, done)
      .map((step) => `${spoken(step.left)} and ${spoken(step.right)}, rank ${step.rank}`)
      .join("; ");
  return html`
    <div class="tk-tree" tabIndex="0" role="group" aria-label="Drawing of the merges"
      ref=${frame}>
      <svg role="img" aria-label=${words} width=${width} height=${height}
        viewBox=${`0 0 ${width} ${height}`}>
        ${levels.map(
          (y, number) => html`
            <${Rung} key=${number} number=${number} y=${y} width=${width} tall=${level} done=${done}
              go=${go} />
          `,
        )}
        ${nodes.map((node, place) => html`<${Stem} key=${place} node=${node} done=${done} />`)}
        ${joins.map((join, place) => html`<${Join} key=${place} join=${join} done=${done} />`)}
        <${Head} piece=${piece} drawing=${drawing} />
        <${Foot} piece=${piece} drawing=${drawing} isDone=${done === piece.steps.length} />
      </svg>
    </div>
  `;
}

/** Scroll the drawing so that a place of it is in the middle, where it is not in sight. */
function inSight(frame, {x, y}) {
  const isIn = (place, from, size) => place > from + 30 && place < from + size - 40;
  if (!isIn(y, frame.scrollTop, frame.clientHeight)) frame.scrollTop = y - frame.clientHeight / 2;
  if (!isIn(x, frame.scrollLeft, frame.clientWidth)) frame.scrollLeft = x - frame.clientWidth / 2;
}

/** A merge's own line across the drawing; a click goes there. */
function Rung({number, y, width, tall, done, go}) {
  const state = number < done ? "tk-is-done" : number === done ? "tk-is-next" : "tk-is-later";
  return html`
    <g class=${`tk-level ${state}`} onClick=${() => go(number + 1)}>
      <rect x="0" y=${y - tall / 2} width=${width} height=${tall} />
      <line x1="30" x2=${width} y1=${y} y2=${y} />
      <circle cx="16" cy=${y} r="10" />
      <text x="16" y=${y + 4} text-anchor="middle">${number + 1}</text>
    </g>
  `;
}

/** A token's life, from the level that made it to the one that takes it. */
function Stem({node, done}) {
  const state =
    node.made > done ? "tk-is-later" : node.end.taken > done ? "tk-is-alive" : "tk-is-done";
  return html`
    <line class=${`tk-stem ${state}`} x1=${node.x} x2=${node.x} y1=${node.y} y2=${node.end.y} />
  `;
}

function Join({join, done}) {
  const {left, right, node, number, rank} = join;
  const state = number < done ? "tk-is-done" : number === done ? "tk-is-next" : "tk-is-later";
  const wide = widthOf(node.text) * LETTER + 12;
  return html`
    <g class=${`tk-join ${state}`}>
      <path d=${`M${left.x} ${node.y}H${right.x}`} />
      <rect x=${node.x - wide / 2} y=${node.y - 10} width=${wide} height="20" />
      <text x=${node.x} y=${node.y + 4} text-anchor="middle">${drawn(node.text)}</text>
      <text class="tk-rank" x=${node.x + 5} y=${node.y + 21}>${rank.toLocaleString("en")}</text>
    </g>
  `;
}

/** The characters, and under each its bytes. */
function Head({piece, drawing}) {
  const {nodes, column} = drawing;
  let place = 0;
  return html`
    <text class="tk-gutter" x="0" y="20">text</text>
    <text class="tk-gutter" x="0" y="42">bytes</text>
    ${piece.characters.map(({text, n_bytes: size}, number) => {
      const from = LEFT + place * column;
      const bytes = nodes.slice(place, place + size);
      place += size;
      return html`
        <g class="tk-letter" key=${number}>
          <text x=${from + (size * column) / 2} y="21" text-anchor="middle">${drawn(text)}</text>
          ${size > 1 && html`<path d=${`M${from + 6} 33v-5H${from + size * column - 6}v5`} />`}
          ${bytes.map(
            (node) => html`
              <text class="tk-hex" key=${node.x} x=${node.x} y="42" text-anchor="middle">
                ${node.byte}
              </text>
              <circle cx=${node.x} cy=${TOP} r="2" />
            `,
          )}
        </g>
      `;
    })}
  `;
}

/** The tokens that the model reads, with their ids. */
function Foot({piece, drawing, isDone}) {
  const {finals, bottom} = drawing;
  return html`
    <text class="tk-gutter" x="0" y=${bottom + 14}>token</text>
    <text class="tk-gutter" x="0" y=${bottom + 40}>id</text>
    ${finals.map((node, place) => {
      const {id, text} = piece.tokens[place];
      const wide = widthOf(text) * LETTER + 14;
      return html`
        <g key=${place}
          class=${`tk-final ${isDone ? `tk-is-done tk-tint-${place % 4}` : "tk-is-later"}`}>
          <title>${`${plain(text)} is token ${id}`}</title>
          <rect x=${node.x - wide / 2} y=${bottom} width=${wide} height="22" />
          <text x=${node.x} y=${bottom + 15} text-anchor="middle">${drawn(text)}</text>
          <text class="tk-hex" x=${node.x} y=${bottom + 40} text-anchor="middle">${id}</text>
        </g>
      `;
    })}
  `;
}
