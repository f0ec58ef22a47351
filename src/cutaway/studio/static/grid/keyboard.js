/** @file Keys. Those that the grid has no use for pass on to the page. */
import {clamp} from "./geometry.js";

/** A key that begins a number opens the editor with it. */
const BEGINS_A_NUMBER = /^[0-9.+\-−=(]$/;

/**
 * What a key does to the cell at which a selection ends; undefined when the key does not move.
 * @param {KeyboardEvent} event
 * @param {import("./selection.js").Cell} from
 * @param {{rows: number, columns: number, page: number}} table `page` is how many rows a page has
 */
export function destination(event, {row, column}, {rows, columns, page}) {
  const far = event.ctrlKey || event.metaKey;
  const moves = {
    ArrowUp: [far ? 0 : row - 1, column],
    ArrowDown: [far ? rows - 1 : row + 1, column],
    ArrowLeft: [row, far ? 0 : column - 1],
    ArrowRight: [row, far ? columns - 1 : column + 1],
    Home: [far ? 0 : row, 0],
    End: [far ? rows - 1 : row, columns - 1],
  };
  if (!far) Object.assign(moves, {PageUp: [row - page, column], PageDown: [row + page, column]});
  const to = event.altKey ? undefined : moves[event.key];
  return to && {row: clamp(to[0], 0, rows - 1), column: clamp(to[1], 0, columns - 1)};
}

/**
 * Answer the keys of a grid.
 * @param {HTMLElement} scroller
 * @param {import("./actions.js").GridActions} grid
 * @returns what stops it
 */
export function listenToKeys(scroller, grid) {
  const onKey = (event) => {
    if (event.defaultPrevented || event.isComposing || event.target !== scroller || !grid.ready())
      return;
    if (move(event, grid) || act(event, grid)) event.preventDefault();
  };
  scroller.addEventListener("keydown", onKey);
  return () => scroller.removeEventListener("keydown", onKey);
}

/** Whether a key names a place, wherever one comes from: the first arrow key only enters the table. */
const goesFar = ({ctrlKey, metaKey, key}) => ctrlKey || metaKey || key === "Home" || key === "End";

function move(event, grid) {
  const {anchor, end} = grid.selection;
  const from = anchor ? (event.shiftKey ? end : anchor) : null;
  const to = destination(event, from ?? grid.firstInView(), grid.extent());
  if (!to) return false;
  if (event.shiftKey && anchor) grid.select(anchor, to);
  else grid.select(from || goesFar(event) ? to : grid.firstInView());
  grid.show(grid.selection.end);
  return true;
}

/** @returns {boolean} was the key used? */
function act(event, grid) {
  const {key} = event;
  const {rows, columns} = grid.extent();
  if ((event.ctrlKey || event.metaKey) && !event.altKey && key.toLowerCase() === "a") {
    grid.select({row: 0, column: 0}, {row: rows - 1, column: columns - 1});
    return true;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || !grid.selection.anchor) return false;
  if (key === "Escape") return collapse(grid);
  if (key.toLowerCase() === "s") {
    grid.sort(grid.selection.end.column);
    return true;
  }
  if (!grid.editable()) return false;
  if (key === "Enter" || key === "F2") grid.edit();
  else if (key === "Delete" || key === "Backspace") grid.write("0");
  else if (BEGINS_A_NUMBER.test(key)) grid.edit(key.replace("−", "-"));
  else return false;
  return true;
}

/** A range becomes its active cell again. */
function collapse(grid) {
  const {anchor, end} = grid.selection;
  if (anchor.row === end.row && anchor.column === end.column) return false;
  grid.select(anchor);
  return true;
}
