/**
 * @file The formula bar: a step's formula, rewritten in this block or in every block; its
 * operations' code.
 */
import {html, signal, useEffect, useRef} from "../vendor/ui.js";
import {book, code, dialog, showError} from "../state.js";
import {ask} from "../server.js";
import {setFormula, setOperation} from "../actions.js";
import {CodeEditor} from "../editor.js";

const editing = signal(null);
const message = signal("");
/** The operation whose code is edited: {name, source}, or null. */
export const operation = signal(null);

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
      <code title=${shown.formula} onDblClick=${start}>${shown.formula}</code>
      ${
        rewritten &&
        html`<span class="small changed" title=${shown.formula_before}>rewritten</span>`
      }
      ${shown.operations.map(
        (name) => html`
          <button key=${name} class="link small mono"
            title="Show and edit the code of this operation" onClick=${() => openOperation(name)}>
            ${name}
            ${book.value.operations.includes(name) ? "*" : ""}
          </button>
        `,
      )}
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
      editing.value = null;
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

async function openOperation(name) {
  try {
    operation.value = await ask("operation_source", {name});
    dialog.value = "operation";
  } catch (error) {
    showError(error);
  }
}

/** The code of an operation, to be read and changed. */
export function OperationDialog() {
  const source = useRef(operation.value.source);
  const failed = useRef(signal(null)).current;
  const asking = useRef(signal(false)).current;
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    const frame = /** @type {HTMLElement} */ (place.current).closest("dialog");
    const onCancel = (event) => {
      if (source.current === operation.value.source) return;
      event.preventDefault(); // what was written is not thrown away by one key
      asking.value = true;
    };
    frame?.addEventListener("cancel", onCancel);
    return () => frame?.removeEventListener("cancel", onCancel);
  }, []);
  const run = async () => {
    try {
      await setOperation(operation.value.name, source.current);
      dialog.value = "";
    } catch (error) {
      failed.value = error;
    }
  };
  return html`
    <h2 ref=${place}>The operation <code>${operation.value.name}</code></h2>
    <p class="small quiet">
      Every formula that calls it uses this code. <code>np</code> is NumPy. Ctrl+Enter applies
      it; undo brings the old one back. Code that you run has your rights.
    </p>
    <${CodeEditor} source=${operation.value.source} language="python"
      label=${`Code of ${operation.value.name}`} minLines=${6} maxLines=${22}
      onChange=${(text) => {
        source.current = text;
      }}
      onRun=${run} errorLine=${failed.value?.line}
      errorMessage=${failed.value?.line ? failed.value.message : ""} />
    ${
      failed.value &&
      !failed.value.line &&
      html`<p class="bad small" role="alert">${failed.value.message}</p>`
    }
    ${
      asking.value &&
      html`
        <p class="changed small" role="alert">
          Your code is not applied: apply it, or cancel to throw it away.
        </p>
      `
    }
    <div class="row dialog-acts">
      <button class="button primary" onClick=${run}>Apply</button>
      <button class="button" onClick=${() => {
        dialog.value = "";
      }}>Cancel</button>
    </div>
  `;
}
