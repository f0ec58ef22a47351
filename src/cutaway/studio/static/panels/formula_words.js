/** @file A formula in which every operation, sign and constant opens what it means. */
import {html} from "../vendor/ui.js";
import {book, dialog, showError} from "../state.js";
import {ask} from "../server.js";
import {operation} from "./operation.js";
import {Term} from "./term.js";

const WORDS = /\*\*|[A-Za-z_]\w*|[@+\-*/]|[^A-Za-z_@+\-*/]+/g;

/** @param {{shown: any}} props what is known of the table */
export function FormulaWords({shown}) {
  if (shown.formula.includes("\n")) return shown.formula; // lines of code of somebody's own
  return shown.formula.match(WORDS).map((word, index) => {
    if (shown.operations.includes(word))
      return html`<${OperationTerm} key=${index} name=${word} />`;
    if (shown.constants.includes(word))
      return html`<${Term} key=${index} word=${word} kind="constant" />`;
    if (/^(\*\*|[@+\-*/])$/.test(word)) return html`<${SignTerm} key=${index} sign=${word} />`;
    return word;
  });
}

/** An operation: what it means, and the way to its code. */
export function OperationTerm({name}) {
  const isChanged = book.value.operations.includes(name);
  return html`
    <${Term} word=${name} kind="operation" more=${html`
      <button type="button" class="button" onClick=${() => openOperation(name)}>Edit its code</button>
      ${isChanged && html`<span class="small changed">Its code was changed.</span>`}
    `}>${name}${isChanged ? "*" : ""}</${Term}>
  `;
}

export function SignTerm({sign}) {
  return html`<${Term} word=${sign} kind="sign" />`;
}

async function openOperation(name) {
  try {
    operation.value = await ask("operation_source", {name});
    dialog.value = "operation";
  } catch (error) {
    showError(error);
  }
}
