/**
 * @file The one control for the open model: its name, and a menu of what else could be open, each
 * with what it is; from there to the workbooks and to the models' weights.
 */
import {html} from "../vendor/ui.js";
import {book} from "../state.js";
import {lazy} from "../lazy.js";
import {MenuButton, onMenuKey} from "./dialog.js";

const ID = "model-menu";
const Items = lazy(() => import("./model_items.js").then((made) => made.ModelItems));

export function ModelMenu() {
  const {model, name} = book.value;
  return html`
    <${MenuButton} id=${ID} role="menu" label="The open model and workbook" kind="model-menu"
      side="left"
      title=${name ? `The model of the workbook “${name}”. Open another` : "Open another model"}
      words=${html`
        <span class="model-name">${model.name}</span> <span aria-hidden="true">▾</span>
        <span class="hidden-text">: choose a model or a workbook</span>
      `}
      onOpen=${(menu) => menu.dispatchEvent(new Event("opened"))} onKeyDown=${onMenuKey}>
      <${Items} menu=${ID} />
    </${MenuButton}>
  `;
}
