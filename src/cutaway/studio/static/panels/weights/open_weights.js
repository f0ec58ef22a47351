/** @file The weights of the open model: every matrix can be opened as a table, to its last row and column. */
import {html} from "../../vendor/ui.js";
import {openTable} from "../../state.js";
import {Plates} from "./plates.js";
import {openName, tensors} from "./shelf.js";
import {count, several} from "./words.js";

export function OpenWeights() {
  const name = openName();
  const known = tensors.value?.name === name ? tensors.value.tensors : null;
  if (known?.length === 0) return null;
  const numbers = known?.reduce(
    (sum, tensor) => sum + tensor.size.reduce((product, length) => product * length, 1),
    0,
  );
  return html`
    <section class="wt-section" aria-labelledby="wt-weights">
      <header class="wt-head">
        <h2 class="label" id="wt-weights">The weights of ${name}</h2>
        ${
          known &&
          html`
            <p class="quiet small">
              ${several(known.length, "tensor")}, ${count(numbers)} numbers, ${known[0].dtype}. Press
              one to open it as a table.
            </p>
          `
        }
      </header>
      ${
        known
          ? html`
            <${Plates} name=${`The weights of ${name}`} tensors=${known}
              onOpen=${(table) => openTable(table)} />
          `
          : html`<p class="quiet busy" role="status">Reading their names …</p>`
      }
    </section>
  `;
}
