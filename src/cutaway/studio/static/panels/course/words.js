/** @file Paragraphs of a lesson: text, never markup. */
import {html} from "../../vendor/ui.js";
import {Term} from "../term.js";
import {visible} from "../../text.js";

/** @typedef {import("../../messages.js").Words} Words */
/** @typedef {import("../../messages.js").Paragraph} Paragraph */

/** One run of words after the other. */
function line(/** @type {Words[]} */ words) {
  return words.map(({kind, text, to}, place) => {
    if (kind === "strong") return html`<strong key=${place}>${text}</strong>`;
    if (kind === "emphasis") return html`<em key=${place}>${text}</em>`;
    if (kind === "code") return html`<code key=${place}>${visible(text)}</code>`;
    if (kind === "value")
      return html`
        <b key=${place} class="lesson-value" title=${`calculated now: ${to}`}>${text}</b>
      `;
    if (kind === "code-value")
      return html`
        <code key=${place} class="lesson-value" title=${`calculated now: ${to}`}>${unquoted(text)}</code>
      `;
    if (kind === "term") return html`<${Term} key=${place} word=${to}>${text}</${Term}>`;
    return text;
  });
}

/** A token as the page shows it everywhere: its spaces seen, without quotation marks. */
function unquoted(text) {
  const token = /^(["'])(.*)\1$/s.exec(text);
  return token && !text.includes(", ") ? visible(token[2]) : text;
}

/** @param {{blocks: Paragraph[]}} props */
export function Paragraphs({blocks}) {
  return blocks.map(({kind, lines, rows}, place) => {
    const items = lines.map((words, index) => html`<li key=${index}>${line(words)}</li>`);
    if (kind === "bullets") return html`<ul key=${place} class="lesson-list">${items}</ul>`;
    if (kind === "numbered") return html`<ol key=${place} class="lesson-list">${items}</ol>`;
    if (kind === "table") return html`<${Rows} key=${place} rows=${rows} />`;
    if (kind === "quote")
      return html`
        <blockquote key=${place}>
          ${lines.map((words, index) => html`<p key=${index}>${line(words)}</p>`)}
        </blockquote>
      `;
    return html`<p key=${place}>${line(lines[0])}</p>`;
  });
}

/** The class of a cell that holds a number and nothing else. */
function cellClass(/** @type {Words[]} */ words) {
  const text = words.map((one) => one.text).join("");
  return /^\s*[−-]?[\d.,]+ ?%?\s*$/.test(text) ? "number" : "";
}

function Rows({rows}) {
  const [head, ...others] = rows;
  return html`
    <table class="plain lesson-table">
      <thead>
        <tr>${head.map((words, index) => html`<th key=${index} scope="col">${line(words)}</th>`)}</tr>
      </thead>
      <tbody>
        ${others.map(
          (cells, index) => html`
            <tr key=${index}>
              ${cells.map(
                (words, column) => html`
                  <td key=${column} class=${cellClass(words)}>${line(words)}</td>
                `,
              )}
            </tr>
          `,
        )}
      </tbody>
    </table>
  `;
}
