/**
 * @file What floats above the page: the palette (Ctrl+K), go to (Ctrl+G), help (?), the glossary, an
 * operation's code, the workbooks.
 */
import {html, useLayoutEffect, useRef} from "../vendor/ui.js";
import {dialog, dismiss, toasts, view} from "../state.js";
import {lazy} from "../lazy.js";
import {Dialog} from "./dialog.js";
import {GlossaryDialog} from "./glossary.js";
import {OperationDialog} from "./operation.js";
import {GoTo, Palette} from "./palette.js";
import {openGlossary} from "./term.js";

const SHOWN = {
  palette: Palette,
  goto: GoTo,
  help: Help,
  operation: OperationDialog,
  glossary: GlossaryDialog,
  workbooks: lazy(() => import("./books.js").then((made) => made.BooksDialog)),
};

export function Dialogs() {
  const Shown = SHOWN[dialog.value];
  if (!Shown) return null;
  return html`
    <${Dialog} key=${dialog.value} label=${dialog.value} onClose=${() => {
      dialog.value = "";
    }}><${Shown} /></${Dialog}>
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
  ["S", "sort a table by the selected column: ascending, descending, as it was"],
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
      <button class="button" onClick=${() => openGlossary()}>Glossary</button>
      <button class="button" data-first onClick=${() => {
        dialog.value = "";
      }}>Close</button>
      <button class="button" onClick=${() => {
        dialog.value = "";
        view.value = "claims";
      }}>What the sources claim, measured</button>
    </div>
  `;
}

/** Notes and mistakes, which go after a while. */
export function Toasts() {
  const place = useRef();
  const shown = toasts.value;
  useLayoutEffect(() => {
    place.current.hidePopover();
    if (shown.length) place.current.showPopover(); // above whatever dialog is open
  }, [shown]);
  return html`
    <div class="toasts" popover="manual" role="region" aria-label="Messages" ref=${place}>
      ${shown.map(
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
