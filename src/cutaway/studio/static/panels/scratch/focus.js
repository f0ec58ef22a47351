/** @file Where the keyboard stands on the scratch sheet. */
import {add} from "./cells.js";

const FRAMES = 40;

/** Put the cursor into a cell's editor, which may have to be drawn first. */
export function focusEditor(id, frames = FRAMES) {
  const cell = document.getElementById(`cell-${id}`);
  /** @type {HTMLElement | null | undefined} */
  const typing =
    cell?.querySelector(".code-host")?.shadowRoot?.querySelector(".cm-content") ??
    cell?.querySelector(".code-field");
  if (typing) {
    typing.focus();
    cell?.scrollIntoView({block: "nearest"});
  } else if (frames) {
    requestAnimationFrame(() => focusEditor(id, frames - 1));
  }
}

/** A new cell below another, ready to be typed into. */
export async function addBelow(kind, after = "") {
  const id = await add({kind}, after);
  if (id) focusEditor(id);
}
