/** @file A share as a bar beside its number. */
import {html} from "../vendor/ui.js";

/** @param {{share: number, most: number}} props the share, and the one whose bar is full */
export const Meter = ({share, most}) => html`
  <span class="meter share" aria-hidden="true">
    <i style=${{width: `${(100 * share) / most}%`}}></i>
  </span>
`;
