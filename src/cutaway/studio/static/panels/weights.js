/** @file The models of this computer: the list, the way in for new ones, and the weights of the open one. */
import {html, useEffect, useState} from "../vendor/ui.js";
import {dropFiles, resume, upload} from "./weights/upload.js";
import {filesOf, hasFiles} from "./weights/dropped_files.js";
import {loadModels} from "./weights/models.js";
import {UploadPanel} from "./weights/upload_panel.js";
import {DropZone} from "./weights/drop_zone.js";
import {Hub} from "./weights/hub.js";
import {ModelsList} from "./weights/models_list.js";
import {OpenWeights} from "./weights/tensors.js";

/** The place in the middle of the page that shows models and their weights; all of it takes dropped files. */
export function WeightsView() {
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
            <${UploadPanel} />
            <${ModelsList} />
            <${Hub} />
          `
          : html`
            <${ModelsList} />
            <div class="wt-ways">
              <${DropZone} over=${over} />
              <${Hub} />
            </div>
            <${OpenWeights} />
          `
      }
    </section>
  `;
}
