/** @file A curve that each number goes through by itself, and a pair of numbers that is turned. */
import {html} from "../../vendor/ui.js";
import {fixed, short} from "../../text.js";
import {NumberLine, room} from "./line.js";
import {digits, drawable, litNumber} from "./words.js";

const HEIGHT = 240;
const EDGE = {left: 46, right: 70, top: 14, bottom: 26};

/** @param {{stage: import("./words.js").Stage}} props */
export function Curve({stage}) {
  const [line] = stage.inputs;
  const [xs, ys] = [stage.series.x.map(drawable), stage.series.y.map(drawable)];
  const width = Math.min(room.value, 620);
  const [least, high] = [Math.min(...ys, 0), Math.max(...ys, 0)];
  const low = least - 0.07 * (high - least); // room for the strokes
  const x = (value) =>
    EDGE.left + ((width - EDGE.left - EDGE.right) * (value - xs[0])) / (xs.at(-1) - xs[0]);
  const y = (value) =>
    EDGE.top + ((HEIGHT - EDGE.top - EDGE.bottom) * (high - value)) / (high - low || 1);
  const [given, made] = [drawable(litNumber(line)), drawable(stage.value)];
  const path = xs
    .map((value, index) => `${index ? "L" : "M"}${x(value).toFixed(1)} ${y(ys[index]).toFixed(1)}`)
    .join("");
  const floor = HEIGHT - EDGE.bottom;
  const axes = `M${EDGE.left} ${y(0)}H${width - EDGE.right}M${x(0)} ${EDGE.top}V${floor}`;
  return html`
    <${NumberLine} line=${line} />
    <svg class="pic-curve" width=${width} height=${HEIGHT} viewBox=${`0 0 ${width} ${HEIGHT}`}
      role="img" aria-label=${
        `The curve ${stage.operation} from ${short(xs[0])} to ${short(xs.at(-1))}: ` +
        `${digits(litNumber(line))} becomes ${digits(stage.value)}`
      }>
      <path class="pic-axis" d=${axes} />
      ${line.numbers.map(
        (value, index) => html`
          <path key=${index} class="pic-rug" d=${`M${x(drawable(value)).toFixed(1)} ${floor}v5`} />
        `,
      )}
      <path class="pic-walked" d=${path} />
      <path class="pic-guide" d=${`M${x(given)} ${floor}V${y(made)}H${width - EDGE.right}`} />
      <circle class="pic-dot" cx=${x(given)} cy=${y(made)} r="5" />
      <text class="pic-text pic-strong" x=${x(given)} y=${HEIGHT - 6} text-anchor="middle">
        ${digits(litNumber(line))}
      </text>
      <text class="pic-text pic-strong" x=${width - EDGE.right + 5} y=${y(made) + 4}>
        ${digits(stage.value)}
      </text>
      <text class="pic-text" x=${EDGE.left - 5} y=${y(0) + 4} text-anchor="end">0</text>
    </svg>
    <p class="small quiet">
      The strokes along the bottom are all ${line.numbers.length} numbers of the row: each goes up to
      the curve by itself.
    </p>
    <${NumberLine} line=${stage.result} kind="result" sign="=" />
  `;
}

const PLANE = 220;

/** Two numbers of a row as an arrow, which is turned by an angle for its position. */
export function Rotate({stage}) {
  const known = stage.values;
  const before = [drawable(known.x), drawable(known.y)];
  const after = [drawable(known.turned_x), drawable(known.turned_y)];
  const far = Math.hypot(...before) * 1.15 || 1;
  const scale = PLANE / 2 / far;
  const to = (/** @type {number[]} */ [x, y]) => [PLANE / 2 + scale * x, PLANE / 2 - scale * y];
  const [[x, y], [turnedX, turnedY]] = [to(before), to(after)];
  const turns = Number(known.angle) / (2 * Math.PI);
  return html`
    <${NumberLine} line=${stage.inputs[0]} />
    <div class="pic-beside">
      <svg class="pic-plane" width=${PLANE} height=${PLANE} viewBox=${`0 0 ${PLANE} ${PLANE}`} role="img"
        aria-label=${
          `The pair ${digits(known.x)}, ${digits(known.y)} becomes ${digits(known.turned_x)}, ` +
          `${digits(known.turned_y)}`
        }>
        <path class="pic-axis" d=${`M0 ${PLANE / 2}H${PLANE}M${PLANE / 2} 0V${PLANE}`} />
        <path class="pic-faint" d=${`M${PLANE / 2} ${PLANE / 2}L${x} ${y}`} />
        <path class="pic-walked" d=${`M${PLANE / 2} ${PLANE / 2}L${turnedX} ${turnedY}`} />
        <circle class="pic-before" cx=${x} cy=${y} r="4" />
        <circle class="pic-dot" cx=${turnedX} cy=${turnedY} r="5" />
      </svg>
      <p class="pic-formula">
        The numbers ${known.first} and ${known.second} of the row are a point. Position
        ${` ${known.position} `}turns it by ${digits(known.angle)} radians${" "}
        ${Math.abs(turns) >= 0.01 && `(${fixed(turns, 2)} turns)`}: from${" "}
        <span class="number">(${digits(known.x)}, ${digits(known.y)})</span>, the open circle, to${" "}
        <b class="number">(${digits(known.turned_x)}, ${digits(known.turned_y)})</b>, the full one.
      </p>
    </div>
    <${NumberLine} line=${stage.result} kind="result" sign="=" />
  `;
}
