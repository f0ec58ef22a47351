/** @file Whole heads, pages and ranges at once: zero, mean, as for another prompt. */
import {html, signal, useEffect, useRef} from "../vendor/ui.js";
import {cell} from "../state.js";
import {cellsOf, rangeWords, setNumber, setWhole} from "../actions.js";

const open = signal(false);
/** What is asked for before a change is done: {what: "prompt" | "number", cells, words}, or null. */
const asking = signal(null);

export function ChangeMenu({shown}) {
  const place = useRef();
  useEffect(() => {
    const close = (event) => {
      if (!place.current?.contains(event.target)) open.value = false;
    };
    addEventListener("pointerdown", close);
    return () => removeEventListener("pointerdown", close);
  }, []);
  if (!shown.editable) return null;
  const positions = shown.axes.includes("position") && shown.kind === "step";
  const parts = targets(shown);
  const act = (work) => () => {
    open.value = false;
    work();
  };
  const onKey = (event) => {
    if (event.key === "Escape") {
      open.value = false;
      asking.value = null;
      place.current.querySelector("button").focus();
    }
  };
  return html`
    <span class="change-menu" ref=${place} onKeyDown=${onKey}>
      <button class="button" aria-haspopup="true" aria-expanded=${open.value} onClick=${() => {
        open.value = !open.value;
        asking.value = null;
      }}>Change <span aria-hidden="true">▾</span></button>
      ${
        open.value &&
        html`
          <div class="menu" role="group" aria-label="Change">
            ${parts.map(
              ({words, cells, range}) => html`
                <p class="label menu-title" key=${words}>${words}</p>
                <button onClick=${act(() => setWhole("zero", cells))}>Set to 0</button>
                ${
                  range &&
                  html`
                    <button onClick=${() => {
                      open.value = false;
                      asking.value = {what: "number", range, words};
                    }}>Set to a number …</button>
                  `
                }
                ${
                  positions &&
                  html`
                    <button onClick=${act(() => setWhole("mean", cells))}>
                      Set to its mean over positions
                    </button>
                    <button onClick=${() => {
                      open.value = false;
                      asking.value = {what: "prompt", cells, words};
                    }}>As it is for another prompt …</button>
                  `
                }
              `,
            )}
          </div>
        `
      }
      ${asking.value && html`<${Asking} />`}
    </span>
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
  useEffect(() => {
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
    if (ok) asking.value = null;
  };
  return html`
    <form class="menu asking" onSubmit=${submit}>
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
        <button class="button asking-button" type="button" onClick=${() => {
          asking.value = null;
        }}>Cancel</button>
      </div>
    </form>
  `;
}
