/** @file One block in the drawing of the machine: a plate with what it reads, and which neurons fire. */
import {html, signal} from "../vendor/ui.js";
import {percent, visible} from "../text.js";
import {clipped, Door, Strip} from "./machine_parts.js";

/** Where the rows of the drawing begin, from above. */
export const TOP = 58;
/** The token that is pointed at: only its lines are strong. */
export const focus = signal(/** @type {number | null} */ (null));

/** One block: who reads whom, the neurons that fire, the rows that leave it, the guess there. */
export function BlockPlate({plate, fresh, tokens, x, width, y, bottom, first}) {
  const wide = width >= 84;
  const strip = width >= 44 ? Math.min(26, width * 0.2) : 0;
  const left = x + 4;
  const inside = width - strip - (strip ? 14 : 6);
  const reads = wide && plate.neurons ? inside * 0.62 : inside;
  const words = `block ${plate.block}`;
  const newest = tokens.length - 1;
  const changed = plate.change.length
    ? ` It changes the last token's row by ${percent(plate.change[newest])} of its size.`
    : "";
  return html`
    <g class="plate" style=${{"--order": plate.block + 1}}>
      <rect x=${left} y=${TOP - 14} width=${inside} height=${bottom - TOP + 22} class="plate-paper" />
      <text x=${left + inside / 2} y="24" text-anchor="middle" class="machine-name">
        ${wide ? words : width < 18 && plate.block % 5 ? "" : plate.block}
      </text>
      ${
        plate.reading &&
        html`
          <${Door} table=${plate.reading.table} select=${{head: strongest(plate.reading, newest)}}
            says=${readingWords(plate, tokens)}
            words=${
              wide &&
              html`
                <text x=${left + reads / 2} y=${TOP - 20} text-anchor="middle" class="plate-name">
                  reads
                </text>
              `
            }>
            <rect x=${left} y=${TOP - 14} width=${reads} height=${bottom - TOP + 22}
              class="door-room" />
            <${Lines} reading=${plate.reading} fresh=${fresh} x=${left + 3} width=${reads - 6} y=${y} />
          </${Door}>
        `
      }
      ${
        wide &&
        plate.neurons &&
        html`
          <${Door} table=${plate.neurons.table}
            says=${neuronWords(plate)}
            words=${html`
              <text x=${left + (reads + inside) / 2} y=${TOP - 20} text-anchor="middle"
                class="plate-name">fires</text>
            `}>
            <rect x=${left + reads} y=${TOP - 14} width=${inside - reads}
              height=${bottom - TOP + 22} class="door-room" />
            ${plate.neurons.rows.map(
              (row, position) => html`
                <${Strip} key=${position} row=${row} x=${left + reads + 3} y=${y(position)}
                  width=${inside - reads - 7} height=${16} fires=${true}
                  fresh=${position >= fresh} />
              `,
            )}
          </${Door}>
        `
      }
      ${
        plate.output &&
        strip > 0 &&
        html`
          <${Door} table=${plate.output.table}
            says=${`After block ${plate.block}: ${plate.output.meaning}${changed}`}>
            <rect x=${left + inside + 2} y=${TOP - 14} width=${strip + 6}
              height=${bottom - TOP + 22} class="door-room" />
            ${plate.output.rows.map(
              (row, position) => html`
                <${Strip} key=${position} row=${row} x=${left + inside + 5} y=${y(position)}
                  width=${strip} fresh=${position >= fresh} />
              `,
            )}
          </${Door}>
        `
      }
      ${
        plate.guess &&
        plate.output &&
        html`
          <${Door} table=${plate.output.table} at=${{row: first + newest, column: 0}}
            says=${guessWords(plate)}
            words=${
              width >= 44
                ? html`
                  <text x=${left + inside / 2} y=${bottom + 30} text-anchor="middle"
                    class="machine-text">
                    ${clipped(visible(plate.guess.text), Math.floor(width / 9))}
                  </text>
                `
                : html`
                  <text transform=${upright(left + inside / 2 - 4, bottom + 14)}
                    class="machine-text small">${clipped(visible(plate.guess.text), 6)}</text>
                `
            }>
            <rect x=${left} y=${bottom + 12} width=${Math.max(inside, 12)} height="44"
              class="door-room" />
            ${
              width >= 44 &&
              html`
                <rect x=${left} y=${bottom + 40} width=${inside} height="4" class="strip-paper" />
                <rect x=${left} y=${bottom + 40} height="4" class="share-fill"
                  width=${inside * plate.guess.probability} />
              `
            }
          </${Door}>
        `
      }
    </g>
  `;
}

/** Who reads whom: from the sources at the left edge to the readers at the right one. */
function Lines({reading, fresh, x, width, y}) {
  const bend = width * 0.5;
  return reading.shares.flatMap((row, to) =>
    row.slice(0, to + 1).map((share, from) => {
      if (share < 0.06) return null;
      const strong = focus.value === null || focus.value === to;
      return html`
        <path key=${`${to}-${from}`}
          class=${`read ${to === reading.shares.length - 1 ? "last" : ""} ${to >= fresh ? "fresh" : ""}`}
          d=${
            `M${x} ${y(from)} C ${x + bend} ${y(from)} ` +
            `${x + width - bend} ${y(to)} ${x + width} ${y(to)}`
          }
          style=${{
            strokeWidth: `${0.5 + 5 * share}px`,
            opacity: strong ? 0.12 + 0.75 * share * share : 0.03,
          }} />
      `;
    }),
  );
}

/** The head in which the newest token reads most from somewhere else than itself. */
function strongest(reading, newest) {
  const row = reading.shares[newest];
  const best = row.reduce(
    (most, share, from) => (from < newest && share > row[most] ? from : most),
    0,
  );
  return reading.heads[newest][best];
}

const neuronWords = ({block, neurons, firing, n_neurons: all}) =>
  `Block ${block}, MLP: ${neurons.meaning} At the last token ${firing} of ${all} neurons are above 0.`;

const guessWords = ({block, guess}) =>
  `If the model ended after block ${block}, “${visible(guess.text)}” would come next, ` +
  `with ${percent(guess.probability)}.`;

const MOST_NAMED = 3;

/** What attention is, and what the newest token reads most from, with the heads that do it. */
function readingWords({block, reading}, tokens) {
  const newest = tokens.length - 1;
  const words = `Block ${block}, attention: ${reading.meaning}`;
  const named = reading.shares[newest]
    .map((share, from) => ({share, from}))
    .filter(({from}) => from !== newest)
    .sort((a, b) => b.share - a.share)
    .slice(0, MOST_NAMED)
    .map(
      ({share, from}) =>
        `“${visible(tokens[from].text)}” ${percent(share)} in head ${reading.heads[newest][from]}`,
    );
  if (!named.length) return words;
  return (
    `${words} “${visible(tokens[newest].text)}” reads most from ${named.join(", ")} ` +
    `(of ${reading.n_heads} heads).`
  );
}

const upright = (x, y) => `translate(${x} ${y}) rotate(90)`;
