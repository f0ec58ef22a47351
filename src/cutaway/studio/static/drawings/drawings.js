/**
 * @file Drawings of a table beside the grid: attention as arcs, probabilities as bars, any table as
 * a histogram.
 */
import {html, signal, useEffect} from "../vendor/ui.js";
import {Meter} from "./meter.js";
import {book, openTable, select, table, tableOf} from "../state.js";
import {ask} from "../server.js";
import {minus, percent, visible} from "../text.js";

const MOST_ARCS = 48;
const numbers = signal(null);
const focus = signal(null);

/** The first tiles of the shown page as rows of numbers, and the labels of both axes. */
function usePage(shown, most) {
  const {version} = book.value;
  const page = JSON.stringify(select.value);
  useEffect(() => {
    let old = false;
    const of = {table: shown.name, select: select.value};
    (async () => {
      const tile = await ask("tile", {...of, row: 0, column: 0});
      const rows = await ask("labels", {
        ...of,
        axis: "row",
        first: 0,
        count: Math.min(most, shown.rows),
      });
      const flat = new Float32Array(tile.numbers);
      if (!old)
        numbers.value = {
          name: shown.name,
          labels: rows.labels,
          rows: Array.from({length: Math.min(most, tile.rows)}, (_, row) =>
            flat.subarray(row * tile.columns, (row + 1) * tile.columns),
          ),
        };
    })().catch(() => {});
    return () => {
      old = true;
    };
  }, [version, shown.name, page]);
  return numbers.value?.name === shown.name ? numbers.value : null;
}

/** Who reads whom: an arc from each position (right) to its sources (left), as thick as its share. */
export function Arcs({shown}) {
  const page = usePage(shown, MOST_ARCS);
  if (!page) return null;
  const step = 30;
  const height = page.labels.length * step + 20;
  const y = (index) => 22 + index * step;
  const arcs = page.rows
    .flatMap((row, to) => Array.from(row.slice(0, to + 1), (share, from) => ({from, to, share})))
    .filter(({share}) => share > 0.02);
  const strong = ({to}) => focus.value === null || focus.value === to;
  return html`
    <p class="small quiet">
      Each token on the right reads from the tokens on the left, as much as the line is thick.
      Point at a token, or step to it with Tab.
      ${shown.rows > MOST_ARCS ? ` The first ${MOST_ARCS} of ${shown.rows} positions.` : ""}
    </p>
    <svg class="arcs" viewBox=${`88 0 560 ${height}`} preserveAspectRatio="xMinYMin"
      style=${{height: `${height}px`}} role="group" aria-label=${`${shown.name} as lines`}>
      ${arcs.map(
        (arc) => html`
          <path key=${`${arc.from}-${arc.to}`}
            d=${`M440 ${y(arc.to)} C 340 ${y(arc.to)} 300 ${y(arc.from)} 200 ${y(arc.from)}`}
            class=${strong(arc) ? "arc" : "arc faint"} style=${{
              strokeWidth: `${0.4 + arc.share * 9}px`,
              opacity: strong(arc) ? 0.25 + 0.7 * arc.share : 0.05,
            }}>
            <title>
              ${visible(page.labels[arc.to])} reads ${percent(arc.share)} from${" "}
              ${visible(page.labels[arc.from])}
            </title>
          </path>
        `,
      )}
      ${page.labels.map(
        (text, index) => html`
          <text key=${`s${index}`} x="192" y=${y(index) + 4} text-anchor="end" class="arc-text">
            ${visible(text)}
          </text>
          <g key=${`p${index}`} class="arc-reader" tabindex="0" role="img"
            aria-label=${`${text} reads ${spokenRow(page, index)}`} onPointerEnter=${() => {
              focus.value = index;
            }}
            onPointerLeave=${() => {
              focus.value = null;
            }}
            onFocus=${() => {
              focus.value = index;
            }}
            onBlur=${() => {
              focus.value = null;
            }}>
            <rect x="444" y=${y(index) - 13} width="190" height="26" class="arc-target" />
            <text x="450" y=${y(index) + 4} class="arc-text">${visible(text)}</text>
          </g>
          ${
            focus.value !== null &&
            index <= focus.value &&
            html`
              <text key=${`n${index}`} x="140" y=${y(index) + 4} text-anchor="end"
                class="arc-share">${percent(page.rows[focus.value][index])}</text>
            `
          }
        `,
      )}
    </svg>
  `;
}

function spokenRow(page, index) {
  return Array.from(page.rows[index].slice(0, index + 1))
    .map((share, from) => [share, page.labels[from]])
    .sort((a, b) => b[0] - a[0])
    .slice(0, 3)
    .map(([share, text]) => `${percent(share)} from ${text}`)
    .join(", ");
}

const bars = signal(null);

/** The likeliest next tokens as bars. */
export function Bars({shown}) {
  const {prediction, prediction_before: before, version} = book.value;
  useEffect(() => {
    ask("stages", {temperature: 1}).then(
      (answer) => {
        bars.value = answer;
      },
      () => {},
    );
  }, [version]);
  const rows = bars.value?.rows ?? prediction;
  const embeddings = tableOf("token_table");
  const old = new Map((before ?? []).map((one) => [one.id, one.probability]));
  return html`
    <p class="small quiet">
      The ${rows.length} likeliest of ${shown.rows.toLocaleString("en")} tokens.
    </p>
    <table class="plain wide">
      <thead>
        <tr>
          <th scope="col">token</th>
          <th scope="col">id</th>
          <th scope="col">probability</th>
          <th scope="col"><span class="hidden-text">bar</span></th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) => html`
            <tr key=${row.id}>
              <td>
                <button class="link token"
                  disabled=${!embeddings}
                  onClick=${() => openTable(embeddings, {}, {row: row.id, column: 0})}>
                  ${visible(row.text)}
                </button>
              </td>
              <td class="number">${row.id}</td>
              <td class="number">
                ${percent(row.probability)}
                ${
                  old.has(row.id) &&
                  html`
                    ${" "}
                    <s class="quiet">${percent(old.get(row.id))}</s>
                  `
                }
              </td>
              <td class="bar-cell">
                <${Meter} share=${row.probability} most=${rows[0].probability} />
              </td>
            </tr>
          `,
        )}
      </tbody>
    </table>
  `;
}

const counted = signal(null);

/** How often which size of number stands in the shown page. */
export function Histogram({shown}) {
  const {version} = book.value;
  const page = JSON.stringify(select.value);
  useEffect(() => {
    let old = false;
    ask("histogram", {table: table.value, select: select.value}).then(
      (reply) => {
        if (!old) counted.value = {...reply, name: shown.name};
      },
      () => {},
    );
    return () => {
      old = true;
    };
  }, [version, shown.name, page]);
  const reply = counted.value;
  if (!reply || reply.name !== shown.name) return null;
  const most = Math.max(...reply.counts, 1);
  const [low, high] = [reply.edges[0], reply.edges.at(-1)];
  const x = (value) => 40 + (720 * (value - low)) / (high - low || 1);
  const digits = (value) => minus(value.toPrecision(4));
  return html`
    <svg class="histogram" viewBox="0 0 800 300" role="img"
      aria-label=${
        `Histogram: ${reply.total} numbers from ${digits(low)} to ${digits(high)}, ` +
        `mean ${digits(reply.mean)}`
      }>
      ${reply.counts.map(
        (count, index) => html`
          <rect key=${index} x=${x(reply.edges[index]) + 0.5} width=${720 / 60 - 1}
            y=${260 - (230 * count) / most} height=${(230 * count) / most} class=${
              shown.share
                ? "share-fill"
                : (reply.edges[index] + reply.edges[index + 1]) / 2 < 0
                  ? "cold-fill"
                  : "warm-fill"
            }>
            <title>
              ${count.toLocaleString("en")} from ${digits(reply.edges[index])} to${" "}
              ${digits(reply.edges[index + 1])}
            </title>
          </rect>
        `,
      )}
      <line x1="40" x2="760" y1="260" y2="260" class="axis" />
      ${
        low < 0 &&
        high > 0 &&
        html`
          <line x1=${x(0)} x2=${x(0)} y1="260" y2="268" class="axis" />
          <text x=${x(0)} y="284" text-anchor="middle" class="axis-text">0</text>
        `
      }
      <text x="40" y="284" class="axis-text">${digits(low)}</text>
      <text x="760" y="284" text-anchor="end" class="axis-text">${digits(high)}</text>
      <text x="40" y="20" class="axis-text">${`most in one bin: ${most.toLocaleString("en")}`}</text>
    </svg>
    <p class="small">
      ${reply.total.toLocaleString("en")} numbers, mean${" "}
      <span class="number">${digits(reply.mean)}</span>, standard deviation${" "}
      <span class="number">${digits(reply.deviation)}</span>, ${reply.zeros.toLocaleString("en")}${" "}
      exactly 0${reply.not_finite ? `, ${reply.not_finite.toLocaleString("en")} not finite` : ""}
      .
    </p>
  `;
}
