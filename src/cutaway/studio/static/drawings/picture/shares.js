/** @file Softmax: every number of a row, e to its power, and the share that this makes. */
import {html} from "../../vendor/ui.js";
import {count, percent, short, visible} from "../../text.js";
import {Term} from "../../panels/term.js";
import {LineName, NumberLine} from "./line.js";
import {digits, drawable} from "./words.js";

const FEW_SHUT = 2; // so many numbers that have no share are listed one by one

/** @param {{stage: import("./words.js").Stage}} props */
export function Shares({stage}) {
  const {shares, values, result} = stage;
  const isShut = ({score, index}) => score === "-inf" && index !== result.lit;
  const shut = shares.filter(isShut).length;
  const rows = shut > FEW_SHUT ? shares.filter((one) => !isShut(one)) : shares;
  const most = Math.max(...shares.map(({share}) => drawable(share)), 1e-30);
  const others = Number(values.others);
  return html`
    <p class="pic-formula">
      <${LineName} line=${stage.inputs[0]} />: the largest number of the row,${" "}
      <span class="number">${digits(values.largest)}</span>, is taken off first; then e to the
      power of each; then each divided by their sum, <span class="number">${digits(values.total)}</span>.
    </p>
    <div class="pic-wide" tabindex="0" role="group" aria-label="The row as shares">
      <table class="plain pic-shares" aria-label="The row, number by number">
        <thead>
          <tr>
            <th scope="col"><${Term} word=${result.axis} kind="axis" /></th>
            <th scope="col" class="right">number</th>
            <th scope="col" class="right">e^(number − largest)</th>
            <th scope="col"><span class="hidden-text">its bar</span></th>
            <th scope="col" class="right">share</th>
            <th scope="col"><span class="hidden-text">its bar</span></th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (one) => html`
              <tr key=${one.index} class=${one.index === result.lit ? "chosen" : ""}
                aria-current=${one.index === result.lit ? "true" : null}>
                <td>
                  <span class="quiet number">${one.index}</span>${" "}
                  ${one.label && html`<span class="token">${visible(one.label)}</span>`}
                </td>
                <td class="number">${digits(one.score)}</td>
                <td class="number">${digits(one.raised)}</td>
                <td class="bar-cell"><${Bar} of=${drawable(one.raised)} kind="warm" /></td>
                <td class="number">
                  ${digits(one.share)} <span class="quiet">${percent(drawable(one.share))}</span>
                </td>
                <td class="bar-cell"><${Bar} of=${drawable(one.share) / most} kind="share" /></td>
              </tr>
            `,
          )}
          ${
            shut > FEW_SHUT &&
            html`
              <tr>
                <td class="quiet">${shut} that lie ahead</td>
                <td class="number">−∞</td>
                <td class="number">0</td>
                <td></td>
                <td class="number">0</td>
                <td></td>
              </tr>
            `
          }
          ${
            others > 0 &&
            html`
              <tr>
                <td class="quiet">the other ${count(others)}</td>
                <td></td>
                <td></td>
                <td></td>
                <td class="number">
                  ${digits(values.rest)} <span class="quiet">${percent(drawable(values.rest))}</span>
                </td>
                <td></td>
              </tr>
            `
          }
          <tr>
            <td><b>sum</b></td>
            <td></td>
            <td class="number"><b>${digits(values.total)}</b></td>
            <td></td>
            <td class="number"><b>${short(1)}</b></td>
            <td></td>
          </tr>
        </tbody>
      </table>
    </div>
    <${NumberLine} line=${result} kind="result" sign="=" />
  `;
}

function Bar({of, kind}) {
  return html`
    <span class=${`meter ${kind}`}><i style=${{width: `${Math.max(0, Math.min(100, 100 * of))}%`}}></i></span>
  `;
}
