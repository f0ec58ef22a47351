/** @file The first hint: change any number, and one cell whose change flips the prediction. */
import {html, signal, useEffect} from "../vendor/ui.js";
import {book, firstTable, openTable, table as shown, view} from "../state.js";
import {ask} from "../server.js";
import {focusMiddle} from "../focus.js";
import {visible} from "../text.js";

const KEY = "cutaway-hint-seen";
const hint = signal(null);
const seen = signal(Boolean(localStorage.getItem(KEY)));

export function Hint() {
  const fresh = book.value.changes.length === 0;
  useEffect(() => {
    if (seen.value || !fresh || hint.value) return undefined;
    const waiting = setTimeout(async () => {
      hint.value = await ask("hint").catch(() => null);
    }, 900);
    return () => clearTimeout(waiting);
  }, [fresh]);
  if (seen.value || !fresh || view.value !== "table" || !hint.value?.table) return null;
  const {table, select, row, column, value, before, after} = hint.value;
  // It would cover what one came to see.
  if (shown.value !== table && shown.value !== firstTable(book.value.model)) return null;
  const show = () => {
    openTable(table, select, {row, column});
    setTimeout(focusMiddle, 300); // once its numbers are there, typing goes into the cell
  };
  const close = () => {
    seen.value = true;
    localStorage.setItem(KEY, "1");
  };
  return html`
    <aside class="hint" aria-label="Hint">
      <p>
        <b>Change any number.</b> In <code>${table}</code>, head ${select.head}, type ${value} over
        the cell in row ${row}, column ${column}: the next token turns from${" "}
        <span class="token">${visible(before)}</span> into${" "}
        <span class="token">${visible(after)}</span>. Undo brings it back.
      </p>
      <div class="row">
        <button class="button primary" onClick=${show}>Show that cell</button>
        <button class="button" onClick=${close}>Close</button>
      </div>
    </aside>
  `;
}
