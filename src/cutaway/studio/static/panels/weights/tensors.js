/** @file The tensors of a model as a checklist: a row for each part, a box for each tensor. */
import {html} from "../../vendor/ui.js";
import {count, several, size} from "../../text.js";
import {openName, openTensors} from "./models.js";
import {openTable} from "../../state.js";

const SHEETS = {embed: "embeddings", head: "language head"};
const WORDS = {there: "there", missing: "missing", wrong: "wrong shape"};
const MOST = 18; // the longer side of a box's outline; the shorter one follows, as far as it can be seen
const LEAST = 4;

/**
 * @param {{tensors: {name: string, sheet: string, axes: string[], size: number[], state?: string,
 *   words?: string}[],
 *   onOpen?: (name: string) => void, name: string}} props a tensor with a state is part of a
 *   checklist; `onOpen` makes buttons of them
 */
export function TensorList({tensors, onOpen, name}) {
  return html`
    <ol class="wt-parts" aria-label=${name}>
      ${partsOf(tensors).map(
        ({title, mark, parts}) => html`
          <${Tensor} key=${title} title=${title} mark=${mark} parts=${parts} onOpen=${onOpen} />
        `,
      )}
    </ol>
  `;
}

function Tensor({title, mark, parts, onOpen}) {
  const lacking = parts.filter(({state}) => state && state !== "there").length;
  const isChecklist = parts[0].state !== undefined;
  return html`
    <li class=${`wt-part ${lacking ? "wt-lacking" : ""}`}>
      <span class="callout" aria-hidden="true">${mark}</span>
      <h3 class="wt-part-name">
        ${title}
        ${
          isChecklist &&
          html`
            <small class=${lacking ? "bad" : "quiet"}>
              ${lacking ? `${lacking} of ${parts.length} to come` : `all ${parts.length}`}
            </small>
          `
        }
      </h3>
      <ul class=${`wt-boxes ${parts.length < 5 ? "wt-few" : ""}`}>
        ${parts.map(
          (tensor) => html`
            <li key=${tensor.name}><${Box} tensor=${tensor} onOpen=${onOpen} /></li>
          `,
        )}
      </ul>
    </li>
  `;
}

function Box({tensor, onOpen}) {
  const {name, state} = tensor;
  const own = name.slice(name.indexOf(".") + 1);
  const shape = state && state !== "there" ? WORDS[state] : size(tensor.size);
  const title = [
    name,
    `${size(tensor.size)} (${tensor.axes.join(", ")})`,
    state && WORDS[state],
    tensor.words,
    tensor.file && `${tensor.file}${tensor.dtype ? `, ${tensor.dtype}` : ""}`,
  ]
    .filter(Boolean)
    .join("\n");
  const within = name.slice(0, name.length - own.length); // for those who do not see on which plate it lies
  const inner = html`
    <${Outline} tensor=${tensor} />
    <span class="wt-own">
      <span class="hidden-text">
        ${onOpen && "Open "}
        ${within}
      </span>
      ${own}
    </span>
    <span class="wt-size">${shape}</span>
  `;
  if (onOpen)
    return html`
      <button class="wt-box" title=${title} onClick=${() => onOpen(name)}>${inner}</button>
    `;
  return html`<div class=${`wt-box wt-${state}`} title=${title}>${inner}</div>`;
}

/** The box itself, in the proportions of its rows and columns; a vector is a line. */
function Outline({tensor}) {
  const [rows, columns] = tensor.size.length === 2 ? tensor.size : [0, 1];
  const ratio = rows && columns ? rows / columns : 0;
  const width = ratio > 1 ? Math.max(LEAST, MOST / ratio) : MOST;
  const height = ratio > 1 ? MOST : Math.max(LEAST, MOST * ratio);
  return html`
    <svg class="wt-outline" viewBox="0 0 20 20" aria-hidden="true">
      <rect x=${10 - width / 2} y=${10 - height / 2} width=${width} height=${height} />
      ${tensor.state === "missing" && html`<path d="M3 3 17 17M17 3 3 17" />`}
      ${tensor.state === "wrong" && html`<path d="M3 17 17 3" />`}
    </svg>
  `;
}

/** The tensors by part, in the order in which they came. */
function partsOf(tensors) {
  const parts = new Map();
  for (const tensor of tensors) {
    const {sheet} = tensor;
    const block = /^h(\d+)$/.exec(sheet)?.[1];
    const title = block ? `block ${block}` : (SHEETS[sheet] ?? sheet);
    const mark = block ?? sheet[0];
    if (!parts.has(title)) parts.set(title, {title, mark, parts: []});
    parts.get(title).parts.push(tensor);
  }
  return [...parts.values()];
}

/** "3 tensors are missing: ..." */
export function missingWords(names) {
  const shown = names.slice(0, 12).join(", ");
  const more = names.length > 12 ? ` and ${names.length - 12} more` : "";
  return `${several(names.length, "tensor")} ${names.length === 1 ? "is" : "are"} missing: ${shown}${more}`;
}

/** The weights of the open model: each can be opened as a table, to its last row and column. */
export function OpenWeights() {
  const name = openName();
  const known = openTensors.value?.name === name ? openTensors.value.tensors : null;
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
            <${TensorList} name=${`The weights of ${name}`} tensors=${known}
              onOpen=${(table) => openTable(table)} />
          `
          : html`<p class="quiet busy" role="status">Reading their names …</p>`
      }
    </section>
  `;
}
