/** @file The code of an operation, which every formula that calls it uses. */
import {html, signal, useEffect, useRef} from "../vendor/ui.js";
import {dialog} from "../state.js";
import {setOperation} from "../actions.js";
import {CodeEditor} from "../editor.js";

/** The operation whose code is edited: {name, source}, or null. */
export const operation = signal(null);

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
