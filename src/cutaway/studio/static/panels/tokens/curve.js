/** @file Two lines over the passes: the text's tokens, which get fewer, and the vocabulary, which grows. */
import {html} from "../../vendor/ui.js";

const WIDTH = 340;
const HEIGHT = 132;
const EDGE = {left: 8, right: 92, top: 18, bottom: 22};

/** @param {{passes: object[], place: number}} props */
export function Curve({passes, place}) {
  const start = passes[0].tokens_after;
  const most = Math.max(start, passes.at(-1).n_vocabulary);
  const last = Math.max(1, passes.length - 1);
  const x = (pass) => EDGE.left + ((WIDTH - EDGE.left - EDGE.right) * pass) / last;
  const y = (count) => HEIGHT - EDGE.bottom - ((HEIGHT - EDGE.top - EDGE.bottom) * count) / most;
  const line = (name) =>
    passes
      .map(
        (pass, number) =>
          `${number ? "L" : "M"}${x(number).toFixed(1)} ${y(pass[name]).toFixed(1)}`,
      )
      .join("");
  const {tokens_after: tokens, n_vocabulary: vocabulary} = passes[place];
  const [high, low] = apart(y(tokens), y(vocabulary));
  return html`
    <figure class="tk-curve">
      <figcaption class="label">Shorter text, longer vocabulary</figcaption>
      <svg role="img" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`}
        aria-label=${
          `After pass ${place} the text has ${tokens} tokens, ${start} at the start; ` +
          `the vocabulary has ${vocabulary}.`
        }>
        <path class="tk-axis"
          d=${`M${EDGE.left} ${HEIGHT - EDGE.bottom}H${WIDTH - EDGE.right}`} />
        <path class="tk-now-line"
          d=${`M${x(place)} ${EDGE.top - 10}V${HEIGHT - EDGE.bottom + 5}`} />
        <path class="tk-growing" d=${line("n_vocabulary")} />
        <path class="tk-shrinking" d=${line("tokens_after")} />
        <circle class="tk-shrinking" cx=${x(place)} cy=${y(tokens)} r="3" />
        <circle class="tk-growing" cx=${x(place)} cy=${y(vocabulary)} r="3" />
        <text x=${x(place)} y=${HEIGHT - 4} text-anchor="middle">pass ${place}</text>
        <text class="tk-shrinking" x=${WIDTH - EDGE.right + 8} y=${high}>
          tokens ${tokens.toLocaleString("en")}
        </text>
        <text class="tk-growing" x=${WIDTH - EDGE.right + 8} y=${low}>
          vocabulary ${vocabulary.toLocaleString("en")}
        </text>
      </svg>
    </figure>
  `;
}

/** Two heights for words, moved apart so that neither covers the other. */
function apart(one, other) {
  const space = Math.max(0, 13 - Math.abs(one - other)) / 2;
  const sign = one <= other ? -1 : 1;
  return [one + sign * space + 4, other - sign * space + 4];
}
