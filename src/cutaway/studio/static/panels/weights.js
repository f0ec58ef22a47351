/** @file The models of this computer: the list, the way in for new ones, and the weights of the open one. */
import {html, useEffect, useState} from "../vendor/ui.js";
import {dropFiles, resume, upload} from "./weights/dropping.js";
import {filesOf, hasFiles} from "./weights/dropped_files.js";
import {loadModels} from "./weights/shelf.js";
import {Assembly} from "./weights/assembly.js";
import {BringIn} from "./weights/bring_in.js";
import {Hub} from "./weights/hub.js";
import {Ledger} from "./weights/ledger.js";
import {OpenWeights} from "./weights/open_weights.js";

/** The place in the middle of the page that shows models and their weights; all of it takes dropped files. */
export function WeightsPlace() {
  const [over, setOver] = useState(false);
  useEffect(() => {
    loadModels();
    resume();
  }, []);

  const onDragOver = (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    setOver(true);
  };
  const onDragLeave = (event) => {
    if (!event.currentTarget.contains(event.relatedTarget)) setOver(false);
  };
  const onDrop = async (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    setOver(false);
    dropFiles(await filesOf(event.dataTransfer));
  };

  return html`
    <section class=${`wt ${over ? "wt-over" : ""}`} aria-label="Models" onDragOver=${onDragOver}
      onDragLeave=${onDragLeave} onDrop=${onDrop}>
      ${
        upload.value
          ? html`
            <${Assembly} />
            <${Ledger} />
            <${Hub} />
          `
          : html`
            <${Ledger} />
            <div class="wt-ways">
              <${BringIn} over=${over} />
              <${Hub} />
            </div>
            <${OpenWeights} />
          `
      }
    </section>
  `;
}
