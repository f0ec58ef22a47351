/** @file Copy and paste of tab-separated numbers. */
import {SCATTERED} from "./actions.js";
import {exact} from "./numbers.js";
import {TILE} from "./tiles.js";

/**
 * The most numbers that one copy holds, about 5 MB of text; and the most tiles, which must all be
 * kept at once.
 */
const MOST = 500_000;
const MOST_TILES = 1000;
const PATIENCE_MS = 4000;

/**
 * Answer copy and paste while the grid has the focus.
 * @param {HTMLElement} scroller
 * @param {import("./actions.js").GridActions} grid
 * @returns what stops it
 */
export function listenToClipboard(scroller, grid) {
  const root = /** @type {Document | ShadowRoot} */ (scroller.getRootNode());
  // The events of the clipboard go to the text selection, not to the focus: the document hears them all.
  const focused = () => root.activeElement === scroller && grid.ready() && grid.selection.anchor;
  const onCopy = (event) => {
    if (!focused()) return;
    event.preventDefault();
    copy(grid, event.clipboardData);
  };
  const onPaste = (event) => {
    const text = event.clipboardData.getData("text/plain");
    if (!focused() || !grid.editable() || !text.trim()) return;
    event.preventDefault();
    const {row, column} = /** @type {any} */ (grid.selection.range());
    const {order} = grid.data;
    if (order.sort && text.trimEnd().includes("\n")) grid.say(SCATTERED);
    else grid.send({do: "paste", row: order.row(row), column, text});
  };
  document.addEventListener("copy", onCopy);
  document.addEventListener("paste", onPaste);
  return () => {
    document.removeEventListener("copy", onCopy);
    document.removeEventListener("paste", onPaste);
  };
}

/** Copy the selected range: at once when all of it is here, or as soon as it has come. */
function copy(grid, clipboard) {
  const {data} = grid;
  const range = grid.selection.range();
  const count = (range.rowEnd - range.row) * (range.columnEnd - range.column);
  const away = missing(data, range);
  if (count > MOST || away.length > MOST_TILES) {
    const most = MOST.toLocaleString("en");
    grid.say(
      `${count.toLocaleString("en")} numbers are too many to copy (at most ${most}): save the table as CSV.`,
    );
  } else if (away.length === 0) clipboard.setData("text/plain", textOf(data, range));
  else copyLater(grid, data, range);
}

/** The numbers of a range, tabs between columns and line ends between rows. */
function textOf(data, range) {
  const lines = [];
  for (let row = range.row; row < range.rowEnd; row++) {
    const texts = [];
    for (let column = range.column; column < range.columnEnd; column++)
      texts.push(exact(data.value(row, column)));
    lines.push(texts.join("\t"));
  }
  return lines.join("\n");
}

/** The tiles of a range that have not come. */
function missing(data, range) {
  const list = [];
  for (let row = Math.floor(range.row / TILE); row * TILE < range.rowEnd; row++) {
    for (let column = Math.floor(range.column / TILE); column * TILE < range.columnEnd; column++) {
      if (!data.tiles.has("now", row, column)) list.push({of: "now", row, column});
    }
  }
  return list;
}

/** Fetch what is missing of a range, then put it on the clipboard. */
async function copyLater(grid, data, range) {
  const deadline = performance.now() + PATIENCE_MS;
  data.extra = () => missing(data, range);
  while (data.extra().length && performance.now() < deadline && grid.data === data)
    await grid.nextFrame();
  const left = data.extra().length;
  data.extra = null;
  if (left) {
    grid.say("The numbers did not come in time: nothing was copied. Try again.");
    return;
  }
  try {
    await navigator.clipboard.writeText(textOf(data, range));
  } catch {
    grid.say("The browser did not allow the copy: select a smaller range, or copy again.");
  }
}
