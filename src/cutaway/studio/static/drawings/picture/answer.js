/** @file What is drawn, as the server knows it, and how much room there is. */
import {signal, useEffect, useLayoutEffect, useRef} from "../../vendor/ui.js";
import {book, cell, select, table} from "../../state.js";
import {ask} from "../../server.js";
import {room} from "./line.js";

const EDGE = 34; // pixels of a picture's width that are its own margins

const made = signal(null);
/** Why there is no picture. */
export const failed = signal("");

/** The cell that is drawn where none is selected: of the newest row the first; the likeliest token. */
function firstCell(shown) {
  const likeliest = book.value.prediction[0]?.id ?? 0;
  const row = shown.row_axis === "vocabulary" ? likeliest : shown.rows - 1;
  return {row, column: 0, row_end: row, column_end: 0};
}

/** How the selected number of the shown table was made; null until that is known. */
export function usePicture(shown) {
  const at = cell.value;
  const {version} = book.value;
  const page = JSON.stringify(select.value);
  useEffect(() => {
    if (shown.name !== table.value) return undefined; // another one is on its way
    const outside = (one) => !one || one.row >= shown.rows || one.column >= shown.columns;
    if (outside(at)) {
      if (outside(cell.peek())) cell.value = firstCell(shown); // or one has been chosen just now
      return undefined;
    }
    let old = false;
    ask("picture", {table: shown.name, select: select.value, row: at.row, column: at.column}).then(
      (answer) => {
        if (old) return;
        failed.value = "";
        made.value = {...answer, place: `${shown.name} ${page} ${at.row} ${at.column} ${version}`};
      },
      (error) => {
        if (!old && error.kind !== "Lost") failed.value = error.message;
      },
    );
    return () => {
      old = true;
    };
  }, [version, shown.name, table.value, shown.rows, page, at?.row, at?.column]);
  return made.value?.table === shown.name ? made.value : null;
}

/** The element whose width the drawings have. */
export function useRoom() {
  const frame = useRef();
  useLayoutEffect(() => {
    const measure = () => {
      room.value = Math.max(260, frame.current.clientWidth - EDGE);
    };
    measure();
    const watcher = new ResizeObserver(measure);
    watcher.observe(frame.current);
    return () => watcher.disconnect();
  }, []);
  return frame;
}
