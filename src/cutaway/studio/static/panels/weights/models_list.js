/**
 * @file The list of the models that are here: which is open, how large each is, and what can be
 * done with it.
 */
import {html, signal, useEffect, useRef} from "../../vendor/ui.js";
import {models, openModel, openName, opening, removeModel, storeFolder} from "./models.js";
import {bytes, count, several} from "../../text.js";

/** The model of which it is asked whether it is to be deleted. */
const asking = signal("");

export function ModelsList() {
  const list = models.value;
  const stored = (list ?? []).filter(({kept}) => kept === "store");
  const total = stored.reduce((sum, model) => sum + (model.bytes ?? 0), 0);
  return html`
    <section class="wt-section" aria-labelledby="wt-models">
      <header class="wt-head">
        <h2 class="label" id="wt-models">Models on this computer</h2>
        ${
          list &&
          html`
            <p class="quiet small wt-store">
              ${several(stored.length, "model")} in the store
              ${stored.length > 0 && `, ${bytes(total)}`},${" "}
              <span class="mono">${storeFolder.value}</span>
            </p>
          `
        }
      </header>
      ${
        list
          ? html`<${List} list=${list} />`
          : html`<p class="quiet busy" role="status">Looking through the store …</p>`
      }
    </section>
  `;
}

function List({list}) {
  return html`
    <div class="wt-scroll" tabindex="0" role="region" aria-label="List of models">
      <table class="plain wt-models">
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col">Parameters</th>
            <th scope="col">Blocks</th>
            <th scope="col">Heads</th>
            <th scope="col">Width</th>
            <th scope="col">Positions</th>
            <th scope="col">Tokens</th>
            <th scope="col">On disk</th>
            <th scope="col">From</th>
            <th scope="col"><span class="hidden-text">What to do with it</span></th>
          </tr>
        </thead>
        <tbody>
          ${list.map((model) => html`<${Line} key=${model.name} model=${model} />`)}
        </tbody>
      </table>
    </div>
  `;
}

function Line({model}) {
  const isOpen = model.name === openName();
  if (model.problem) {
    return html`
      <tr>
        <th scope="row" class="wt-name">${model.name}</th>
        <td colspan="8" class="bad wt-problem">${model.problem}</td>
        <td class="wt-actions"><${Actions} model=${model} isOpen=${isOpen} /></td>
      </tr>
    `;
  }
  const numbers = [
    model.parameters,
    model.n_layer,
    model.n_head,
    model.n_embd,
    model.n_positions,
    model.n_vocabulary,
  ];
  return html`
    <tr aria-current=${isOpen ? "true" : null}>
      <th scope="row" class="wt-name">
        ${model.name}
        ${
          isOpen &&
          html`
            ${" "}
            <span class="wt-open">open</span>
          `
        }
      </th>
      ${numbers.map((number, place) => html`<td class="number" key=${place}>${count(number)}</td>`)}
      <td class="number">${bytes(model.bytes)}</td>
      <td>${model.kept === "bundled" ? "Cutaway" : "your store"}</td>
      <td class="wt-actions"><${Actions} model=${model} isOpen=${isOpen} /></td>
    </tr>
  `;
}

function Actions({model, isOpen}) {
  const {name} = model;
  if (asking.value === name) return html`<${Sure} model=${model} />`;
  const mute = model.has_tokenizer === false;
  const why = mute
    ? "It has no tokenizer, so it cannot read a text. Drop its files together with a tokenizer."
    : "";
  return html`
    <span class="wt-buttons">
      ${
        !isOpen &&
        !model.problem &&
        html`
          <button class="button" disabled=${mute || Boolean(opening.value)} title=${why}
            aria-label=${mute ? `${name} cannot be opened: ${why}` : `Open ${name}`}
            onClick=${() => openModel(name)}>
            ${opening.value === name ? "Opening …" : mute ? "No tokenizer" : "Open"}
          </button>
        `
      }
      ${
        model.kept === "store" &&
        html`
          <button class="button" id=${`wt-delete-${name}`} disabled=${isOpen}
            aria-label=${`Delete ${name} …`} title=${
              isOpen ? "It is open: open another model first" : `Delete ${name} from this computer`
            }
            onClick=${() => {
              asking.value = name;
            }}>Delete …</button>
        `
      }
    </span>
  `;
}

function Sure({model}) {
  const {name} = model;
  const keep = useRef();
  useEffect(() => {
    keep.current.focus();
    return () => setTimeout(() => document.getElementById(`wt-delete-${name}`)?.focus());
  }, []);
  const onKeyDown = (event) => {
    if (event.key === "Escape") asking.value = "";
  };
  const remove = () => {
    asking.value = "";
    removeModel(name);
  };
  return html`
    <span class="wt-buttons" role="group" aria-label=${`Delete ${name}?`} onKeyDown=${onKeyDown}>
      <span class="bad">
        Delete ${name}
        ${model.bytes ? ` (${bytes(model.bytes)})` : ""} for good?
      </span>
      <button class="button" onClick=${remove}>Delete</button>
      <button class="button" ref=${keep} onClick=${() => {
        asking.value = "";
      }}>Keep it</button>
    </span>
  `;
}
