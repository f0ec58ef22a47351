/** @file What the menu of the open model holds: the models in words, the workbooks, the weights. */
import {html, useEffect} from "../vendor/ui.js";
import {book, dialog, view} from "../state.js";
import {count, several} from "../text.js";
import {itemsOf} from "./dialog.js";
import {loadModels, models, openModel, openName} from "./weights/models.js";

/** @typedef {import("../messages.js").Answers["models"]["models"][number]} Model */

/** What a model is, in words. @param {Model} model */
const shape = ({n_layer: blocks, n_embd: width, parameters, n_vocabulary: tokens}) =>
  `${several(blocks ?? 0, "block")}, ${count(width ?? 0)} wide, ${count(parameters ?? 0)} parameters, ` +
  `a vocabulary of ${count(tokens ?? 0)} tokens`;

/** Why a model cannot be opened; "" for one that can. @param {Model} model */
const obstacle = ({problem, has_tokenizer: reads}) =>
  problem || (reads === false ? "It has no tokenizer, so it cannot read a text." : "");

/** @param {{menu: string}} props the key of the menu that it is in */
export function ModelItems({menu}) {
  useEffect(() => {
    const element = /** @type {HTMLElement} */ (document.getElementById(menu));
    const opened = () => {
      if (models.value) focusFirst(element);
      loadModels().then(() => focusFirst(element));
    };
    element.addEventListener("opened", opened);
    if (element.matches(":popover-open")) opened();
    return () => element.removeEventListener("opened", opened);
  }, []);
  const {name, changes, cells} = book.value;
  const close = {popovertarget: menu, popovertargetaction: "hide", tabindex: -1};
  const holds = [
    changes.length && several(changes.length, "change"),
    cells.length && several(cells.length, "cell"),
  ].filter(Boolean);
  return html`
    <p class="label menu-title" id="model-menu-models">Open a model</p>
    <div role="group" aria-labelledby="model-menu-models">
      ${
        models.value
          ? models.value.map(
              (/** @type {Model} */ model) =>
                html`<${Item} key=${model.name} model=${model} close=${close} />`,
            )
          : html`<p class="quiet busy small menu-title" role="status">Looking through the store …</p>`
      }
    </div>
    <hr />
    <button role="menuitem" ...${close} onClick=${() => {
      dialog.value = "workbooks";
    }}>
      <span>Workbooks …</span>
      <small>
        This one${name && ` is “${name}”; it`} has ${holds.join(" and ") || "no changes yet"}.
        Opening another loses nothing.
      </small>
    </button>
    <button role="menuitem" ...${close} onClick=${() => {
      view.value = "weights";
    }}>
      <span>Weights and models …</span>
      <small>every tensor; models to fetch, to drop here, to delete</small>
    </button>
  `;
}

/** @param {{model: Model, close: object}} props */
function Item({model, close}) {
  const {name, about} = model;
  const isOpen = name === openName();
  const why = obstacle(model);
  return html`
    <button role="menuitemradio" aria-checked=${isOpen} disabled=${Boolean(why)} ...${close}
      onClick=${() => {
        if (!isOpen) openModel(name);
      }}>
      <span class="model-name">${name}</span>
      ${isOpen && html`<span class="wt-open">open</span>`}
      ${!model.problem && html`<small>${shape(model)}</small>`}
      ${about && html`<small>${about}</small>`}
      ${why && html`<small class="bad">${why}</small>`}
    </button>
  `;
}

/** Into the open menu, once the models are in it. @param {HTMLElement} menu */
function focusFirst(menu) {
  if (menu.matches(":popover-open") && !menu.contains(document.activeElement))
    itemsOf(menu)[0]?.focus();
}
