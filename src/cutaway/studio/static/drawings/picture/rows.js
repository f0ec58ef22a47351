/** @file Rows that are added, multiplied, moved to a common measure, cut up or laid side by side. */
import {html} from "../../vendor/ui.js";
import {count} from "../../text.js";
import {NumberLine, room} from "./line.js";
import {digits, drawable, litNumber} from "./words.js";

const SIGNS = {add: "+", subtract: "−", multiply: "×", divide: "÷", power: "^", negative: "−"};

/** Number by number: two rows, or a row and a plain number. */
export function Each({stage}) {
  const {inputs, operation, result} = stage;
  const sign = SIGNS[operation];
  return html`
    ${inputs.map(
      (line, index) => html`
        <${NumberLine} key=${index} line=${line} sign=${index || inputs.length === 1 ? sign : ""} />
      `,
    )}
    <${NumberLine} line=${result} kind="result" sign="=" />
    <p class="pic-formula number">
      ${inputs.length > 1 && `${digits(litNumber(inputs[0]))} ${sign} `}
      ${inputs.length === 1 && sign}${digits(litNumber(inputs.at(-1)))} =${" "}
      <b>${digits(stage.value)}</b>
    </p>
  `;
}

/** Each row brought to mean 0 and spread 1, or to spread 1 alone. */
export function Normalise({stage}) {
  const [before] = stage.inputs;
  const {mean, spread, eps} = stage.values;
  const centred = stage.operation === "normalise";
  const name = centred ? "spread" : "root of the mean square";
  return html`
    <${NumberLine} line=${before} />
    <${Profile} line=${before} mean=${drawable(mean)} spread=${drawable(spread)}
      words=${
        centred
          ? `before: mean ${digits(mean)}, spread ${digits(spread)}`
          : `before: ${name} ${digits(spread)}`
      } />
    <p class="pic-formula number">
      ${
        centred
          ? html`(${digits(litNumber(before))} − ${digits(mean)}) ÷ ${digits(spread)}`
          : html`${digits(litNumber(before))} ÷ ${digits(spread)}`
      }${" "}
      = <b>${digits(stage.value)}</b>
    </p>
    <${Profile} line=${stage.result} mean=${0} spread=${1}
      words=${centred ? "after: mean 0, spread 1" : `after: ${name} 1`} />
    <${NumberLine} line=${stage.result} kind="result" sign="=" />
    <p class="small quiet">
      The ${name} is the root of the mean of the ${count(stage.values.count)}${" "}
      ${centred ? "squared distances from the mean" : "squares"}, plus eps = ${String(eps)}.
    </p>
  `;
}

/** All numbers of a row as bars, with the mean as a line and the spread as a band. */
function Profile({line, mean, spread, words}) {
  const [width, height] = [room.value, 92];
  const values = line.numbers.map(drawable);
  const far = Math.max(...values.map((value) => Math.abs(value - mean)), spread) * 1.05 || 1;
  const y = (value) => height / 2 - ((height / 2 - 2) * (value - mean)) / far;
  const each = width / values.length;
  const fit = Math.min(values.length, Math.floor(width / 2));
  const bars = Array.from({length: fit}, (_, bar) => {
    const part = values.slice(
      Math.floor((bar * values.length) / fit),
      Math.max(
        Math.floor((bar * values.length) / fit) + 1,
        Math.floor(((bar + 1) * values.length) / fit),
      ),
    );
    return part.reduce((most, one) => (Math.abs(one - mean) > Math.abs(most - mean) ? one : most));
  });
  const lit = line.lit - line.first;
  return html`
    <figure class="pic-profile">
      <svg width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`} role="img"
        aria-label=${`${line.words}, ${words}; the number in question is ${digits(litNumber(line))}`}>
        <rect class="pic-band" x="0" width=${width} y=${y(mean + spread)}
          height=${y(mean - spread) - y(mean + spread)} />
        ${bars.map((value, bar) => {
          const [top, bottom] = [y(value), y(mean)].sort((a, b) => a - b);
          return html`
            <rect key=${bar} x=${(bar * width) / fit} y=${top} width=${Math.max(0.8, width / fit - 0.6)}
              height=${Math.max(0.5, bottom - top)} class=${value < mean ? "cold-fill" : "warm-fill"} />
          `;
        })}
        <path class="pic-axis" d=${`M0 ${y(mean)}H${width}`} />
        <rect class="pic-lit-square" x=${Math.max(0, lit * each - 1.5)} y="1"
          width=${Math.max(each, 4) + 1} height=${height - 2} />
      </svg>
      <figcaption class="small quiet">${words}</figcaption>
    </figure>
  `;
}

/** A row cut into equal pieces, of which one goes on. */
export function Cut({stage}) {
  const {of, chosen} = stage.values;
  const pieces = stage.operation === "part" ? "part" : "head";
  return html`
    <${NumberLine} line=${stage.inputs[0]} cut=${{of, chosen}} pieces=${pieces} />
    <p class="pic-formula">
      Cut into ${of} equal pieces; ${pieces} ${chosen} goes on, no number changes:
    </p>
    <${NumberLine} line=${stage.result} kind="result" sign="=" />
  `;
}

/** The pieces of all heads in one row again. */
export function Join({stage}) {
  const {of, chosen} = stage.values;
  return html`
    <${NumberLine} line=${stage.inputs[0]} />
    <p class="pic-formula">
      Head ${chosen} of ${of}: its ${count(stage.values.width)} numbers take their place in the row.
    </p>
    <${NumberLine} line=${stage.result} kind="result" sign="=" cut=${{of, chosen}} pieces="head" />
  `;
}

/** Each head several times: which of the few heads this one reads. */
export function Repeat({stage}) {
  const {times, of, from, chosen} = stage.values;
  const width = Math.min(room.value, 72 * of * times);
  const each = width / (of * times);
  return html`
    <svg class="pic-repeat" width=${width} height="76" viewBox=${`0 0 ${width} 76`} role="img"
      aria-label=${`Head ${chosen} is a copy of head ${from}: of ${of} heads, each comes ${times} times`}>
      ${Array.from({length: of * times}, (_, head) => {
        const source = Math.floor(head / times);
        const middle = (source + 0.5) * times * each;
        const kind = head === chosen ? "pic-chosen" : "";
        return html`
          <g key=${head}>
            <path class=${`pic-axis ${kind}`} d=${`M${middle} 22L${(head + 0.5) * each} 50`} />
            <rect x=${head * each + 1} y="50" width=${each - 2} height="22" class=${`pic-piece ${kind}`} />
            <text x=${(head + 0.5) * each} y="65" text-anchor="middle" class="pic-text">${head}</text>
            ${
              head % times === 0 &&
              html`
                <rect x=${middle - each / 2 + 1} y="2" width=${each - 2} height="20"
                  class=${`pic-piece ${source === from ? "pic-chosen" : ""}`} />
                <text x=${middle} y="16" text-anchor="middle" class="pic-text">${source}</text>
              `
            }
          </g>
        `;
      })}
    </svg>
    <${NumberLine} line=${stage.inputs[0]} />
    <${NumberLine} line=${stage.result} kind="result" sign="=" />
  `;
}

/** A row that is handed on as it is. */
export function Same({stage}) {
  return html`
    <${NumberLine} line=${stage.inputs[0]} />
    <p class="pic-formula">Handed on as it is.</p>
    <${NumberLine} line=${stage.result} kind="result" sign="=" />
  `;
}

/** A plain number that a formula works out for itself. */
export function Constant({stage}) {
  const [line] = stage.inputs;
  const words =
    stage.operation === "last_axis"
      ? html`<code>${line.words}</code> has <b class="number">${String(stage.value)}</b> columns.`
      : html`The square root of ${String(litNumber(line))} is <b class="number">${digits(stage.value)}</b>.`;
  return html`<p class="pic-formula">${words}</p>`;
}

/** Code of somebody's own: what goes in, the code, what comes out. */
export function Code({stage}) {
  return html`
    <p class="pic-formula">
      This is code of its own, which has no picture: here is what goes in, the code, and what
      comes out.
    </p>
    ${stage.inputs.map((line, index) => html`<${NumberLine} key=${index} line=${line} />`)}
    <pre class="pic-code" tabindex="0" role="group" aria-label="Its code">${stage.code || stage.words}</pre>
    <${NumberLine} line=${stage.result} kind="result" sign="=" />
  `;
}
