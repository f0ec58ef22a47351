/** @file What floats above the page: the palette (Ctrl+K), go to (Ctrl+G), help (?), an operation's code. */
import {html, useLayoutEffect, useRef} from "../vendor/ui.js";
import {dialog, dismiss, toasts} from "../state.js";
import {focusMiddle} from "../focus.js";
import {OperationDialog} from "./formula.js";
import {GoTo, Palette} from "./palette.js";

const SHOWN = {palette: Palette, goto: GoTo, help: Help, operation: OperationDialog};

export function Dialogs() {
  const Shown = SHOWN[dialog.value];
  return Shown ? html`<${Frame} key=${dialog.value}><${Shown} /></${Frame}>` : null;
}

/** A modal dialog: the keyboard stays inside, Escape closes it, and the focus goes back. */
function Frame({children}) {
  const frame = useRef();
  // At once, before the next key: who types right after Ctrl+K types into the dialog.
  useLayoutEffect(() => {
    const before = /** @type {HTMLElement | null} */ (document.activeElement);
    (frame.current.querySelector("[data-first], .code-field") ?? frame.current).focus();
    return () => {
      if (before && before !== document.body && before.isConnected) before.focus();
      else requestAnimationFrame(focusMiddle);
    };
  }, []);
  const onKey = (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      dialog.value = "";
    }
    if (event.key !== "Tab") return;
    const inside = [
      ...frame.current.querySelectorAll(
        "button:not(:disabled), input, select, textarea, [tabindex='0'], .code-host:not([hidden])",
      ),
    ];
    const edge = event.shiftKey ? inside[0] : inside.at(-1);
    if (document.activeElement === edge || document.activeElement === frame.current) {
      event.preventDefault();
      const next = event.shiftKey ? inside.at(-1) : inside[0];
      (next?.shadowRoot?.querySelector(".cm-content") ?? next)?.focus();
    }
  };
  return html`
    <div class="veil" onPointerDown=${(event) => {
      if (event.target === event.currentTarget) dialog.value = "";
    }}>
      <div class="dialog" role="dialog" aria-modal="true" aria-label=${dialog.value} tabindex="-1"
        ref=${frame} onKeyDown=${onKey}>${children}</div>
    </div>
  `;
}

const KEYS = [
  ["Ctrl+K", "find a table"],
  ["Ctrl+G", "go to a row or column: by number, id or text"],
  ["Ctrl+[  Ctrl+]", "the table that this one reads, or that reads it"],
  [
    "arrows, PgUp, PgDn, Home, End",
    "move in the grid; with Shift select; with Ctrl go to the edge",
  ],
  ["Enter or F2, Esc", "edit a number, leave it as it was"],
  ["Delete", "set the selected cells to 0"],
  ["Ctrl+C, Ctrl+V", "copy cells, paste a block of numbers"],
  ["Ctrl+Z, Ctrl+Y", "undo, redo"],
  ["Ctrl+S", "save the workbook as a file"],
  ["Ctrl+Enter", "run a cell, apply an operation's code"],
  ["F10, F11, Shift+F11, F5", "debugger: next line, step into, out, continue"],
  ["?", "this page"],
];

function Help() {
  return html`
    <h2>Help</h2>
    <p>
      Everything that GPT-2 calculates between your prompt and its next token is a${" "}
      <b>table</b>, made by a <b>formula</b> from the tables before it. Open any table in the
      map on the left. Change a number, a formula or the prompt, and what depends on it is
      calculated again: a star marks what moved. Undo brings everything back.
    </p>
    <p class="small quiet">
      Counting begins at 0, as the token ids do: row 318 is the 319th. Orange is positive,
      blue negative, green a share of 1. Nothing leaves this machine. Cells and formulas are
      Python and run with your rights.
    </p>
    <table class="plain help-keys">
      <tbody>
        ${KEYS.map(
          ([keys, words]) => html`
            <tr key=${keys}>
              <th scope="row"><kbd>${keys}</kbd></th>
              <td>${words}</td>
            </tr>
          `,
        )}
      </tbody>
    </table>
    <div class="row dialog-acts">
      <button class="button" data-first onClick=${() => {
        dialog.value = "";
      }}>Close</button>
    </div>
  `;
}

/** Notes and mistakes, which go after a while. */
export function Toasts() {
  return html`
    <div class="toasts" role="region" aria-label="Messages">
      ${toasts.value.map(
        ({key, text, kind}) => html`
          <div key=${key} class=${`toast ${kind}`} role=${kind === "error" ? "alert" : "status"}>
            <p>${text}</p>
            <button class="icon" aria-label="Close this message" onClick=${() => dismiss(key)}>
              ×
            </button>
          </div>
        `,
      )}
    </div>
  `;
}
