/** @file The view All heads: every head of a table side by side. */
import {html} from "../../vendor/ui.js";
import {failed, usePicture, useRoom} from "./answer.js";
import {Heads} from "./patch.js";
import {room} from "./line.js";

const GAP = 34; // pixels of a head that are not its squares
const WIDEST = 16;

export function AllHeads({shown}) {
  const answer = usePicture(shown);
  const frame = useRoom();
  const columns = answer?.heads[0]?.numbers[0].length ?? 1;
  const square = Math.max(8, Math.min(WIDEST, (room.value / 3 - GAP) / columns));
  return html`
    <div class="picture" ref=${frame} data-place=${answer?.place} aria-busy=${!answer}>
      ${failed.value && html`<p class="bad" role="alert">${failed.value}</p>`}
      <p class="small quiet">
        A row for each position that reads, a column for each source that is read. The selected
        number is outlined in every head. A click on a head shows it.
      </p>
      ${answer && html`<${Heads} patches=${answer.heads} shares=${shown.share} square=${square} />`}
    </div>
  `;
}
