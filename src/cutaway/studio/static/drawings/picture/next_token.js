/** @file From probabilities to the next token: temperature, the cuts, and the draw. */
import {html, signal, useEffect} from "../../vendor/ui.js";
import {book} from "../../state.js";
import {ask} from "../../server.js";
import {fixed, percent, visible} from "../../text.js";
import {room} from "./line.js";

const MOST = 40; // tokens that a choice is made of here
const settings = signal({temperature: 1, top_k: 10, top_p: 1, draw: 0.5});
const choice = signal(null);
const failed = signal("");

const KNOBS = [
  {name: "temperature", words: "temperature", least: 0.1, most: 2, step: 0.1},
  {name: "top_k", words: "top-k", least: 1, most: MOST, step: 1},
  {name: "top_p", words: "top-p", least: 0.05, most: 1, step: 0.05},
  {name: "draw", words: "the draw", least: 0, most: 0.999, step: 0.001},
];

export function NextToken() {
  const {version} = book.value;
  const wanted = JSON.stringify(settings.value);
  useEffect(() => {
    let old = false;
    ask("stages", settings.value).then(
      (answer) => {
        if (old) return;
        choice.value = answer;
        failed.value = "";
      },
      (error) => {
        if (!old) failed.value = error.message;
      },
    );
    return () => {
      old = true;
    };
  }, [version, wanted]);
  const answer = choice.value;
  return html`
    <section class="pic-stage">
      <h2>From here to the next token</h2>
      <p class="pic-formula">
        The logits are divided by the temperature; of the shares that they then make, only the
        top k stay, and of these the likeliest that reach p together. What is left is laid end to
        end, and a random number between 0 and 1 falls on one of them.
      </p>
      <div class="pic-knobs">
        ${KNOBS.map(
          ({name, words, least, most, step}) => html`
          <label key=${name}>
            <span>${words} <b class="number">${settings.value[name]}</b></span>
            <input type="range" min=${least} max=${most} step=${step} value=${settings.value[name]}
              onInput=${(event) => {
                settings.value = {...settings.value, [name]: event.currentTarget.valueAsNumber};
              }} />
          </label>
        `,
        )}
        <button class="button" onClick=${() => {
          settings.value = {...settings.value, draw: Number(Math.random().toFixed(3))};
        }}>Draw</button>
      </div>
      ${failed.value && html`<p class="bad" role="alert">${failed.value}</p>`}
      ${answer && html`<${Segments} answer=${answer} />`}
    </section>
  `;
}

/** All segments in the order of the table, by their ids; which one the draw falls on. */
function Segments({answer}) {
  const kept = answer.rows.filter((row) => row.in_top_p).sort((a, b) => a.id - b.id);
  const width = room.value;
  let from = 0;
  const placed = kept.map((row) => {
    const start = from;
    from += row.probability;
    return {...row, start, end: from};
  });
  const x = (share) => share * width;
  return html`
    <p role="status">
      The draw ${answer.draw.toFixed(3)} falls on <span class="token">${visible(answer.text)}</span>.
    </p>
    <svg class="pic-segments" width=${width} height="62" viewBox=${`0 0 ${width} 62`} role="img"
      aria-label=${`${kept.length} tokens laid end to end; the draw falls on ${answer.text}`}>
      ${placed.map((row, index) => {
        const wide = x(row.end) - x(row.start);
        const text = visible(row.text);
        const chosen = row.id === answer.token ? "pic-chosen" : "";
        const kind = `pic-segment ${index % 2 ? "pic-odd" : ""} ${chosen}`;
        return html`
          <g key=${row.id}>
            <rect x=${x(row.start)} y="14" width=${Math.max(0.5, wide - 1)} height="26"
              class=${kind}>
              <title>${`${text} ${percent(row.probability)}`}</title>
            </rect>
            ${
              wide > text.length * 7.4 + 4 &&
              html`
                <text x=${x(row.start) + wide / 2} y="31" text-anchor="middle" class="pic-text">${text}</text>
              `
            }
          </g>
        `;
      })}
      <path class="pic-needle" d=${`M${x(answer.draw)} 12V44`} />
      <path class="pic-mark" d=${`M${x(answer.draw)} 12l-5-8h10z`} />
      <text x="0" y="58" class="pic-text">0</text>
      <text x=${width} y="58" text-anchor="end" class="pic-text">1</text>
    </svg>
    <div class="pic-wide" tabindex="0" role="group" aria-label="The segments">
      <table class="plain" aria-label="Every segment, in the order of the table">
        <thead>
          <tr>
            <th scope="col">token</th>
            <th scope="col" class="right">id</th>
            <th scope="col" class="right">logit</th>
            <th scope="col" class="right">÷ temperature</th>
            <th scope="col" class="right">share</th>
            <th scope="col" class="right">from</th>
            <th scope="col" class="right">to</th>
          </tr>
        </thead>
        <tbody>
          ${placed.map(
            (row) => html`
            <tr key=${row.id} class=${row.id === answer.token ? "chosen" : ""}
              aria-current=${row.id === answer.token ? "true" : null}>
              <td><span class="token">${visible(row.text)}</span></td>
              <td class="number">${row.id}</td>
              <td class="number">${fixed(row.logit, 3)}</td>
              <td class="number">${fixed(row.scaled, 3)}</td>
              <td class="number">${percent(row.probability)}</td>
              <td class="number">${row.start.toFixed(3)}</td>
              <td class="number">${row.end.toFixed(3)}</td>
            </tr>
          `,
          )}
        </tbody>
      </table>
    </div>
  `;
}
