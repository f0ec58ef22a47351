/** @file The formula bar: a step's formula, rewritten in this block or in every block. */
import {html, signal, useEffect, useRef} from "../vendor/ui.js";
import {code, showError} from "../state.js";
import {ask} from "../server.js";
import {setFormula} from "../actions.js";
import {FormulaWords} from "./formula_words.js";

const editing = signal(null);
const message = signal("");
const ASKING =
  "It is not applied. Enter applies it; Escape once more leaves the formula as it was.";

async function apply(shown, formula, every) {
  try {
    await setFormula(every ? shown.step : shown.name, formula);
    editing.value = null;
    message.value = "";
  } catch (error) {
    message.value = error.message;
  }
}

export function FormulaBar({shown}) {
  if (editing.value?.table === shown.name) return html`<${Rewriting} shown=${shown} />`;
  const rewritten = shown.formula !== shown.formula_before;
  const start = () => {
    editing.value = {table: shown.name, formula: shown.formula};
    message.value = "";
  };
  return html`
    <div class=${`formula ${rewritten ? "rewritten" : ""}`}>
      <span class="fx" aria-hidden="true">fx</span>
      <code title=${shown.formula} onDblClick=${start}><${FormulaWords} shown=${shown} /></code>
      ${
        rewritten &&
        html`<span class="small changed" title=${shown.formula_before}>rewritten</span>`
      }
      <button class="button" onClick=${start}>Edit</button>
      ${
        code.value &&
        html`
          <button class="button" title="Calculate it once more, line by line, in the debugger"
            onClick=${() =>
              ask("step_into", {table: shown.name}).catch((error) => {
                if (error.kind !== "Stopped") showError(error);
              })}>Step into</button>
        `
      }
    </div>
  `;
}

function Rewriting({shown}) {
  const field = useRef();
  useEffect(() => {
    field.current.focus();
    field.current.select();
  }, []);
  const every = shown.block !== null;
  const onKey = (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      // What was written is not thrown away by one key.
      if (field.current.value === editing.value.formula || message.value === ASKING)
        editing.value = null;
      else message.value = ASKING;
    }
  };
  return html`
    <form class="formula editing" onSubmit=${(event) => {
      event.preventDefault();
      apply(shown, field.current.value, false);
    }}
      onKeyDown=${onKey}>
      <span class="fx" aria-hidden="true">fx</span>
      <input class="field mono" ref=${field} aria-label=${`Formula of ${shown.name}`}
        aria-invalid=${Boolean(message.value)} aria-describedby="formula-message"
        defaultValue=${editing.value.formula} spellcheck=${false} />
      <button class="button primary">${every ? "This block" : "Apply"}</button>
      ${
        every &&
        html`
          <button class="button" type="button"
            onClick=${() => apply(shown, field.current.value, true)}>Every block</button>
        `
      }
      ${
        shown.formula !== shown.formula_before &&
        html`
          <button class="button" type="button"
            onClick=${() => apply(shown, shown.formula_before, false)}>The model's own</button>
        `
      }
      <button class="button" type="button" onClick=${() => {
        editing.value = null;
      }}>Cancel</button>
      <p class="formula-message bad small" id="formula-message" role="alert">${message.value}</p>
    </form>
  `;
}
