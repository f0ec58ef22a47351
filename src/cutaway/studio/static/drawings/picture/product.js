/** @file A product: the row at the left, the column on top, one term after the other, the sum so far. */
import {html, signal, useEffect, useState} from "../../vendor/ui.js";
import {count, short} from "../../text.js";
import {Transport} from "../../panels/transport.js";
import {LineName, NumberLine, room, shownCells, tone, windowOf} from "./line.js";
import {digits, drawable, labelAt} from "./words.js";

const LONGEST_MS = 12_000; // that all terms take
const SLOWEST_MS = 700; // that one takes
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** How many terms are added up; of which product. */
const walked = signal({key: "", done: 0});

/** @param {{stage: import("./words.js").Stage, place: string}} props */
export function Product({stage, place}) {
  const [left, right] = stage.inputs;
  const {products, sums} = stage.series;
  const key = `${place} ${stage.words}`;
  const last = products.length;
  const done = walked.value.key === key ? walked.value.done : left.lit + 1;
  const go = (next) => {
    walked.value = {key, done: Math.max(0, Math.min(last, next))};
  };
  const [playing, play] = useState(false);
  useEffect(() => play(false), [key]);
  useEffect(() => {
    if (!playing) return undefined;
    const timer = setInterval(
      () => {
        const now = walked.value.done + 1;
        go(now);
        if (now >= last) play(false);
      },
      Math.max(30, Math.min(SLOWEST_MS, LONGEST_MS / last)),
    );
    return () => clearInterval(timer);
  }, [playing, key]);
  const term = Math.max(0, done - 1);
  const shown = windowOf({...left, first: 0}, shownCells(190), term);
  const start = () => {
    if (done >= last) go(0);
    else go(done);
    play(!playing);
  };
  return html`
    <div class="pic-product">
      <div class="pic-steps">
        <p class="pic-term number" aria-live=${playing ? "off" : "polite"}>
          ${
            done === 0
              ? "Nothing is added up yet."
              : html`
                term ${labelAt(left, term)}: ${digits(left.numbers[term])} ×${" "}
                ${digits(right.numbers[term])} = <b>${digits(products[term])}</b>
                ${
                  term === left.lit &&
                  last > 1 &&
                  html`<span class="small quiet">, the largest</span>`
                }
              `
          }
        </p>
        <div class="row">
          ${
            !still() &&
            html`
              <button class="button" onClick=${start}>${playing ? "Pause" : "Play"}</button>
            `
          }
          <${Transport} done=${done} last=${last} go=${(next) => {
            play(false);
            go(next);
          }} word="term" words="terms added" />
        </div>
      </div>
      <figure class="pic-column">
        <figcaption><${Mark} line=${right} upright=${true} /> <${LineName} line=${right} /></figcaption>
        <table class="pic-cells" aria-label=${`The column of ${right.words}`}>
          <tbody>
            ${shown.map(
              (index) => html`
                <tr key=${index} class=${index < done ? "" : "pic-later"}>
                  <th scope="row" class=${index === term ? "pic-lit" : ""}>${labelAt(right, index)}</th>
                  <td class=${`number ${tone(right.numbers[index])} ${index === term ? "pic-lit" : ""}`}
                    aria-current=${index === term ? "true" : null}>${digits(right.numbers[index])}</td>
                </tr>
              `,
            )}
          </tbody>
        </table>
      </figure>
      <figure class="pic-row">
        <figcaption><${Mark} line=${left} /> <${LineName} line=${left} /></figcaption>
        <table class="pic-cells" aria-label=${`The row of ${left.words}`}>
          <tbody>
            <tr>
              ${shown.map(
                (index) => html`
                  <th key=${index} scope="col" class=${index === term ? "pic-lit" : ""}>
                    ${labelAt(left, index)}
                  </th>
                `,
              )}
            </tr>
            <tr>
              ${shown.map(
                (index) => html`
                  <td key=${index} aria-current=${index === term ? "true" : null}
                    class=${
                      `number ${tone(left.numbers[index])} ${index === term ? "pic-lit" : ""} ` +
                      (index < done ? "" : "pic-later")
                    }>${digits(left.numbers[index])}</td>
                `,
              )}
            </tr>
          </tbody>
        </table>
      </figure>
      <div class="pic-sum">
        <span class="label">sum of ${count(done)}</span>
        <output class="number">${done ? digits(sums[done - 1]) : "0"}</output>
      </div>
    </div>
    <${Sums} sums=${sums} done=${done} />
    <${NumberLine} line=${stage.result} kind="result" sign="=" />
  `;
}

/** The line in its whole table, in small. */
function Mark({line, upright = false}) {
  const axes = Object.keys(line.sizes);
  const other = axes.filter((axis) => axis !== line.axis).at(-1);
  const at = other === undefined ? 0.5 : (line.place[other] + 0.5) / line.sizes[other];
  const [width, height] = [34, 22];
  const d = upright
    ? `M${1 + at * (width - 2)} 0V${height}`
    : `M0 ${1 + at * (height - 2)}H${width}`;
  return html`
    <svg class="pic-place" width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`}
      role="img" aria-label=${
        other === undefined
          ? "all of the table"
          : `${other} ${line.place[other]} of ${line.sizes[other]}`
      }>
      <rect x="0.5" y="0.5" width=${width - 1} height=${height - 1} />
      <path d=${d} />
    </svg>
  `;
}

/** How the sum goes up and down, term by term. */
function Sums({sums, done}) {
  if (sums.length < 3) return null;
  const width = room.value;
  const height = 84;
  const values = [0, ...sums.map(drawable)];
  const high = Math.max(...values);
  const low = Math.min(...values);
  const x = (index) => 1 + ((width - 90) * index) / sums.length;
  const y = (value) => 6 + ((height - 12) * (high - value)) / (high - low || 1);
  const path = (to) =>
    values
      .slice(0, to + 1)
      .map((value, index) => `${index ? "L" : "M"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`)
      .join("");
  return html`
    <svg class="pic-sums" width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`}
      role="img" aria-label=${
        `The sum so far, term by term, between ${short(low)} and ${short(high)}; ` +
        `after ${done} terms ${short(values[done])}, in the end ${short(values.at(-1))}`
      }>
      <path class="pic-axis" d=${`M0 ${y(0)}H${width - 88}`} />
      <path class="pic-faint" d=${path(sums.length)} />
      <path class="pic-walked" d=${path(done)} />
      <circle class="pic-dot" cx=${x(done)} cy=${y(values[done])} r="4" />
      <text class="pic-text" x=${width - 84} y=${y(values.at(-1)) + 4}>${short(values.at(-1))}</text>
    </svg>
  `;
}
