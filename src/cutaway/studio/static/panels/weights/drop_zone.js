/** @file The way in for a model's files: dropped anywhere, or chosen. */
import {html, useRef} from "../../vendor/ui.js";
import {chosen} from "./dropped_files.js";
import {dropFiles} from "./upload.js";

/** @param {{over: boolean}} props whether files are being dragged over the page */
export function DropZone({over}) {
  return html`
    <section class=${`wt-drop ${over ? "wt-here" : ""}`} aria-labelledby="wt-drop">
      <svg class="wt-mark" viewBox="0 0 48 40" aria-hidden="true">
        <path d="M8 29 14 22H44L38 29Z" />
        <path d="M8 33 9.7 31H40L44 26" />
        <path class="wt-axis" d="M26 2V17" />
        <path class="wt-arrow" d="M22 13l4 5 4-5" />
      </svg>
      <div>
        <h2 class="label" id="wt-drop">Drop a model here</h2>
        <p class="small">
          The workshop's CSV files or a zip of them, safetensors, a PyTorch state dict, OpenAI's
          checkpoint: with <span class="mono">config.json</span> and the tokenizer's files, as
          far as there are any.
        </p>
        <p class="row">
          <${FileButtons} />
          <span class="quiet small">They stay on this machine.</span>
        </p>
      </div>
    </section>
  `;
}

/** The two buttons for those who do not drag. */
export function FileButtons() {
  const files = useRef();
  const folder = useRef();
  const onChange = (event) => {
    dropFiles(chosen(event.target.files));
    event.target.value = ""; // so that the same file can be chosen once more
  };
  return html`
    <button class="button" onClick=${() => files.current.click()}>Choose files …</button>
    <button class="button" onClick=${() => folder.current.click()}>Choose a folder …</button>
    <input ref=${files} type="file" multiple hidden aria-label="Files of a model"
      onChange=${onChange} />
    <input ref=${folder} type="file" webkitdirectory hidden aria-label="The folder of a model"
      onChange=${onChange} />
  `;
}
