/** @file What moved, drawn block by step: each table a box, the stronger its colour the further it moved. */
import {html, signal, useMemo, useRef} from "../vendor/ui.js";
import {book, edited, openTable} from "../state.js";
import {sheetWords} from "./map.js";
import {
  LEVELS,
  MOVED,
  arrowFrom,
  blocksBySteps,
  levelOf,
  mostMoved,
  movedWords,
  shareWords,
} from "./moved_by.js";

/**
 * The drawing, with the tables that moved most above it in words.
 * @param {{by: Map<string, number | null>, label: string}} given
 *   by     how far each table moved that did, as a share; null where nobody knows
 */
export function MovedGrid({by, label}) {
  const {map} = book.value.model;
  const {steps, headings, before, blocks, after} = useMemo(() => blocksBySteps(map), [map]);
  const rows = [...before, ...blocks, ...after].map(({cells}) => cells);
  const told = useRef(signal("")).current;
  const stop = useRef(signal("")).current;
  const most = mostMoved(by);
  const all = rows.flat();
  const unknown = [...by.values()].includes(null);
  const here = all.includes(stop.value)
    ? stop.value
    : (most.find(({name}) => all.includes(name))?.name ?? all[0]);
  const onKey = (event) => {
    const from = event.target.dataset.table;
    const to = from && arrowFrom(rows, from, event.key);
    if (!to || !event.key.startsWith("Arrow")) return;
    event.preventDefault();
    stop.value = to;
    event.currentTarget.querySelector(`[data-table="${CSS.escape(to)}"]`).focus();
  };
  const box = (name, called = "") => {
    const share = by.get(name);
    const said = movedWords(name, share);
    const mark = edited.value.has(name) ? "✎" : share === null ? "?" : "";
    return html`
      <button key=${name} class=${`moved-cell level-${levelOf(share)}`} data-table=${name}
        aria-label=${edited.value.has(name) ? `${said}, edited` : said} title=${said}
        tabindex=${name === here ? 0 : -1} onClick=${() => openTable(name)}
        onFocus=${() => {
          stop.value = name;
          told.value = said;
        }}
        onMouseEnter=${() => {
          told.value = said;
        }}>${mark}${called && html`<span>${called}</span>`}</button>
    `;
  };
  const outside = (ends) =>
    ends.map(
      (one) => html`
        <div key=${one.key} class="moved-end" role="group" aria-label=${sheetWords(one)}>
          <span class="small quiet" aria-hidden="true">${sheetWords(one)}</span>
          ${one.cells.map((name) => box(name, name))}
        </div>
      `,
    );
  return html`
    ${
      most.length > 0 &&
      html`
        <p class="small">
          Most:${" "}
          ${most.map(
            ({name, share}, index) => html`
              ${index > 0 && ", "}
              <span key=${name} class="moved-most">
                <button class="link mono" onClick=${() => openTable(name)}>${name}</button>${" "}
                <span class="number">${shareWords(share)}</span>
              </span>
            `,
          )}
        </p>
      `
    }
    <div class="moved-box" role="group" aria-label=${label} onKeyDown=${onKey}
      onMouseLeave=${() => {
        told.value = "";
      }}>
      ${outside(before)}
      ${
        blocks.length > 0 &&
        html`
          <table class="moved-grid">
            <thead>
              <tr>
                <td></td>
                ${headings.map(
                  ({words: heading, span}, index) => html`
                    <th key=${index} scope="colgroup" colspan=${span} class="moved-heading">
                      ${heading}
                    </th>
                  `,
                )}
              </tr>
              <tr>
                <td></td>
                ${steps.map(
                  ({short, number}) => html`
                    <th key=${short} scope="col" title=${short}>
                      <span aria-hidden="true">${number}</span>
                      <span class="hidden-text">${short}</span>
                    </th>
                  `,
                )}
              </tr>
            </thead>
            <tbody>
              ${blocks.map(
                (one) => html`
                  <tr key=${one.key}>
                    <th scope="row">${sheetWords(one)}</th>
                    ${one.cells.map(
                      (name, index) => html`<td key=${index}>${name && box(name)}</td>`,
                    )}
                  </tr>
                `,
              )}
            </tbody>
          </table>
        `
      }
      ${outside(after)}
    </div>
    <p class="small moved-told" aria-hidden="true">
      ${told.value || "Point at a box, or step to it with the arrow keys; it opens its table."}
    </p>
    <ul class="moved-legend small quiet" aria-label="What the colours mean">
      ${LEVELS.map(
        (level, index) => html`
          <li key=${level}>
            <i class=${`moved-cell level-${index}`} aria-hidden="true"></i> ${level}
          </li>
        `,
      )}
      ${unknown && html`<li><i class="moved-cell" aria-hidden="true">?</i> ${MOVED.unknown}</li>`}
    </ul>
    <p class="small quiet">
      The colour: the largest difference in a table, as a share of its largest number before.
    </p>
  `;
}
