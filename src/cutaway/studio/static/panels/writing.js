/** @file The place where the model writes: its choices stage by stage, with all the room of the page. */
import {html} from "../vendor/ui.js";
import {GenerateTab} from "./generate.js";

export function WritingView() {
  return html`
    <section class="writing" aria-label="Writing">
      <h1>Writing</h1>
      <p class="meaning">
        The model gives each token of its vocabulary a probability; one is drawn and appended, and
        all is calculated for the longer text. Here one sees every choice, stage by stage.
      </p>
      <${GenerateTab} />
    </section>
  `;
}
