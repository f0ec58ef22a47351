/** @file Whole heads, pages and ranges at once: zero, mean, as for another prompt. */
import {html, signal, useLayoutEffect, useRef} from "../vendor/ui.js";
import {MenuButton} from "./dialog.js";
import {cell} from "../state.js";
import {cellsOf, rangeWords, setNumber, setWhole} from "../actions.js";

/** What is asked for before a change is done: {what: "prompt" | "number", cells, words}, or null. */
const asking = signal(null);

export function ChangeMenu({shown}) {
  if (!shown.editable) return null;
  const positions = shown.axes.includes("position") && shown.kind === "step";
  return html`
    <span class="change-menu">
      <${MenuButton} id="change-menu" role="group" label="Change"
        words=${html`Change <span aria-hidden="true">▾</span>`} onClose=${() => {
          asking.value = null;
        }}>
        ${
          asking.value
            ? html`<${Asking} />`
            : targets(shown).map(
                (part) => html`<${Part} key=${part.words} ...${part} positions=${positions} />`,
              )
        }
      </${MenuButton}>
    </span>
  `;
}

function close() {
  document.getElementById("change-menu")?.hidePopover();
}

/** What can be done to one part of the table. */
function Part({words, cells, range, positions}) {
  const set = (kind) => () => {
    close();
    setWhole(kind, cells);
  };
  return html`
    <p class="label menu-title">${words}</p>
    <button onClick=${set("zero")}>Set to 0</button>
    ${
      range &&
      html`
        <button onClick=${() => {
          asking.value = {what: "number", range, words};
        }}>Set to a number …</button>
      `
    }
    ${
      positions &&
      html`
        <button onClick=${set("mean")}>Set to its mean over positions</button>
        <button onClick=${() => {
          asking.value = {what: "prompt", cells, words};
        }}>As it is for another prompt …</button>
      `
    }
  `;
}

/** What the menu can act on: the selection, the shown head, the whole table. */
function targets(shown) {
  const found = [];
  if (cell.value) found.push({words: rangeWords(), cells: cellsOf(cell.value), range: cell.value});
  if (shown.pages.length) {
    const page = cellsOf(null);
    found.push({
      words: Object.entries(page)
        .map(([axis, index]) => `${axis} ${index}`)
        .join(", "),
      cells: page,
    });
  }
  if (shown.kind === "step" || !found.length) found.push({words: "the whole table", cells: {}});
  return found;
}

function Asking() {
  const field = useRef();
  useLayoutEffect(() => {
    field.current.focus();
  }, []);
  const {what, cells, range, words} = asking.value;
  const submit = async (event) => {
    event.preventDefault();
    const text = field.current.value;
    const ok =
      what === "prompt"
        ? await setWhole("from_prompt", cells, {prompt: text})
        : await setNumber(text, range);
    if (ok) close();
  };
  return html`
    <form class="asking" onSubmit=${submit}>
      <label class="small">
        ${
          what === "prompt"
            ? `The numbers of ${words} come from this prompt:`
            : `The number for ${words}:`
        }
        <input class="field mono" ref=${field} autocomplete="off" />
      </label>
      <div class="row">
        <button class="button primary asking-button">Apply</button>
        <button class="button asking-button" type="button" onClick=${close}>Cancel</button>
      </div>
    </form>
  `;
}
