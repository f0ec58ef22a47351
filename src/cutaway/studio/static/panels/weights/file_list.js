/** @file The dropped files, one line each: how far each has come, what it is, and why one was refused. */
import {html} from "../../vendor/ui.js";
import {doing, leaveOut, sent, upload} from "./upload.js";
import {bytes, several} from "../../text.js";

const STATES = {
  awaited: "waiting",
  here: "here",
  read: "read",
  beside: "here",
  refused: "refused",
  "left out": "not taken",
  failed: "did not arrive",
};
const BAD = ["refused", "failed"];

export function Files() {
  const {files} = upload.value;
  const bad = files.filter(({state}) => BAD.includes(state));
  const others = files.filter(({state}) => !BAD.includes(state));
  return html`
    ${bad.length > 0 && html`<${List} files=${bad} label="Files that were refused" />`}
    ${
      others.length > 0 &&
      html`
        <details class="wt-files" open=${others.length <= 6 || doing.value === "sending"}>
          <summary class="small">${summary(others)}</summary>
          <${List} files=${others} label="Files" />
        </details>
      `
    }
  `;
}

function summary(files) {
  const count = (...states) => files.filter(({state}) => states.includes(state)).length;
  return [
    several(files.length, "file"),
    count("left out") && `${count("left out")} not taken`,
    count("awaited") && `${count("awaited")} still to come`,
  ]
    .filter(Boolean)
    .join(", ");
}

function List({files, label}) {
  return html`
    <ul class="wt-list" aria-label=${label}>
      ${files.map((file) => html`<${Line} key=${file.index} file=${file} />`)}
    </ul>
  `;
}

function Line({file}) {
  const {index, name, state, words} = file;
  const there = sent.value.get(index) ?? 0;
  const moving = state === "awaited" && doing.value === "sending" && there > 0;
  return html`
    <li class=${BAD.includes(state) ? "wt-refused" : ""}>
      <span class="mono wt-file">${name}</span>
      <span class="number quiet">${bytes(file.bytes)}</span>
      ${
        moving
          ? html`<progress aria-label=${name} value=${there} max=${file.bytes}></progress>`
          : html`
            <span class=${BAD.includes(state) ? "bad" : state === "read" ? "good" : "quiet"}>
              ${STATES[state] ?? state}
              ${file.n_tensors > 1 ? `: ${several(file.n_tensors, "tensor")}` : ""}
            </span>
          `
      }
      <span class=${BAD.includes(state) ? "bad" : "quiet"}>${words}</span>
      ${
        !doing.value &&
        html`
          <button class="icon" aria-label=${`Take ${name} away`} title="Take it away"
            onClick=${() => leaveOut(index)}>
            <svg viewBox="0 0 16 16" aria-hidden="true"><path d="m4 4 8 8M12 4 4 12" /></svg>
          </button>
        `
      }
    </li>
  `;
}
