/** @file One frame of the grid on its canvas, in device pixels. Every frame is painted anew. */
import {minus} from "../text.js";
import {paintTile, paintWaiting} from "./paint_cells.js";
import {paintHeaders} from "./paint_headers.js";
import {every, tilesIn} from "./table_data.js";
import {TILE} from "./tiles.js";

/**
 * @typedef {object} Frame what one painting needs
 * @property {CanvasRenderingContext2D} context
 * @property {number} ratio device pixels per CSS pixel
 * @property {number} number of the frame
 * @property {import("./geometry.js").Geometry} geometry
 * @property {import("./table_data.js").TableData} data
 * @property {import("./theme.js").Theme} theme
 * @property {import("./table_data.js").Window} window cells in view
 * @property {number[]} lefts edges of the columns in view, one more than there are columns
 * @property {number[]} tops edges of the rows in view, one more than there are rows
 * @property {import("./table_data.js").Window|null} range selected cells
 * @property {import("./selection.js").Cell|null} active where the range began
 * @property {import("./selection.js").Cell|null} end where it reaches
 * @property {{row?: number, column?: number}|null} lines a whole row and column that are outlined
 * @property {(import("./table_data.js").Window & {text: string})|null} pending what was typed and is
 * not calculated yet
 * @property {number|null} hovered the column whose head is under the pointer
 * @property {boolean} heat
 */

/**
 * A frame with the edges of its rows and columns, each on a whole device pixel.
 * @returns {Frame}
 */
export function frameOf(parts) {
  const {geometry, ratio, x, y} = parts;
  const window = geometry.window(x, y);
  const lefts = [];
  const tops = [];
  for (let column = window.column; column <= window.columnEnd; column++) {
    lefts.push(Math.round(geometry.left(column, x) * ratio));
  }
  for (let row = window.row; row <= window.rowEnd; row++) {
    tops.push(Math.round(geometry.top(row, y) * ratio));
  }
  return {...parts, window, lefts, tops};
}

/** Paint all of it. @param {Frame} frame */
export function paint(frame) {
  const {context, theme, lefts, tops} = frame;
  context.fillStyle = theme.css("paper");
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
  context.fillStyle = theme.css("paper-2");
  context.fillRect(
    lefts[0],
    tops[0],
    lefts[lefts.length - 1] - lefts[0],
    tops[tops.length - 1] - tops[0],
  );
  if (!frame.heat) paintRules(frame);
  paintTiles(frame);
  paintEnds(frame);
  if (frame.pending) paintPending(frame);
  if (frame.lines) paintLines(frame);
  if (frame.range) paintSelection(frame);
  paintHeaders(frame);
}

/** A hairline under every row. */
function paintRules({context, theme, lefts, tops}) {
  const width = lefts.at(-1) - lefts[0];
  context.fillStyle = theme.faded("line", 0.55);
  for (const bottom of tops.slice(1)) context.fillRect(lefts[0], bottom - 1, width, 1);
}

function paintTiles(frame) {
  const {data, number} = frame;
  every(tilesIn(frame.window), (row, column) => {
    const tile = data.tiles.touch("now", row, column, number);
    const before = data.table.compare ? data.tiles.touch("before", row, column, number) : undefined;
    const seen = partInView(frame.window, row * TILE, column * TILE);
    if (tile) paintTile(frame, tile, before, seen);
    paintWaiting(frame, tile, seen);
    return true;
  });
}

/**
 * The part of a tile that is in view: where the tile begins, and its rows and columns from first up
 * to end.
 */
function partInView(window, firstRow, firstColumn) {
  return {
    firstRow,
    firstColumn,
    row: Math.max(window.row, firstRow),
    rowEnd: Math.min(window.rowEnd, firstRow + TILE),
    column: Math.max(window.column, firstColumn),
    columnEnd: Math.min(window.columnEnd, firstColumn + TILE),
  };
}

/** The lines at which the table ends, where they are in view. */
function paintEnds({context, theme, window, lefts, tops, geometry}) {
  context.fillStyle = theme.css("line-2");
  const width = lefts.at(-1) - lefts[0];
  const height = tops.at(-1) - tops[0];
  if (window.columnEnd === geometry.columns) context.fillRect(lefts.at(-1), tops[0], 1, height);
  if (window.rowEnd === geometry.rows) context.fillRect(lefts[0], tops.at(-1), width + 1, 1);
}

/** What was typed stands in its cells at once, fainter and within dashes. */
function paintPending(frame) {
  const {context, theme, pending, window, geometry, lefts, tops, ratio} = frame;
  const box = boxOf(frame, pending);
  context.fillStyle = theme.css("paper-2");
  context.fillRect(box.left, box.top, box.width - 1, box.height - 1);
  context.setLineDash([3 * ratio, 3 * ratio]);
  outline(context, box, theme.css("ink-3"), Math.max(1, Math.round(ratio)));
  context.setLineDash([]);
  if (geometry.narrow) return;
  context.font = frame.font;
  context.textAlign = "right";
  context.fillStyle = theme.css("ink-3");
  const last = Math.min(window.columnEnd, pending.columnEnd);
  for (
    let row = Math.max(window.row, pending.row);
    row < Math.min(window.rowEnd, pending.rowEnd);
    row++
  )
    for (let column = Math.max(window.column, pending.column); column < last; column++)
      context.fillText(
        minus(pending.text),
        lefts[column + 1 - window.column] - Math.round(7 * ratio),
        tops[row - window.row] + Math.round((geometry.rowHeight / 2 + 4.2) * ratio),
        (geometry.columnWidth - 12) * ratio,
      );
}

/** A whole row and a whole column, each with a border: what a cell of another table was made from. */
function paintLines(frame) {
  const {context, theme, geometry, ratio} = frame;
  const {row, column} = frame.lines;
  const boxes = [];
  if (row !== undefined) boxes.push({row, rowEnd: row + 1, column: 0, columnEnd: geometry.columns});
  if (column !== undefined)
    boxes.push({row: 0, rowEnd: geometry.rows, column, columnEnd: column + 1});
  for (const box of boxes)
    outline(context, boxOf(frame, box), theme.css("warm"), Math.max(1, Math.round(1.5 * ratio)));
}

/** The selected range under a veil with a border, and the active cell with a stronger one. */
function paintSelection(frame) {
  const {context, theme, range, active, ratio} = frame;
  const box = boxOf(frame, range);
  const single = range.rowEnd - range.row === 1 && range.columnEnd - range.column === 1;
  if (!single) {
    context.fillStyle = theme.veil("focus", 0.14);
    context.fillRect(box.left, box.top, box.width, box.height);
    outline(context, box, theme.css("focus"), Math.max(1, Math.round(ratio)));
  }
  const cell = boxOf(frame, {...active, rowEnd: active.row + 1, columnEnd: active.column + 1});
  const thickness = Math.max(1, Math.round(2 * ratio));
  outline(context, cell, theme.css("focus"), thickness);
  if (frame.heat)
    outline(context, shrunk(cell, thickness), theme.css("paper-2"), Math.max(1, Math.round(ratio)));
}

/** A box without a border of so many pixels: inside of a blue border, a light one shows it on blue. */
function shrunk({left, top, width, height}, by) {
  return {left: left + by, top: top + by, width: width - 2 * by, height: height - 2 * by};
}

/** The rectangle of some cells in device pixels, cut a little outside of the view. */
function boxOf({lefts, tops, window}, {row, rowEnd, column, columnEnd}) {
  const along = (edges, first, index) => {
    if (index < first) return edges[0] - 9;
    return edges[index - first] ?? edges.at(-1) + 9;
  };
  const left = along(lefts, window.column, column);
  const top = along(tops, window.row, row);
  return {
    left,
    top,
    width: along(lefts, window.column, columnEnd) - left,
    height: along(tops, window.row, rowEnd) - top,
  };
}

function outline(context, {left, top, width, height}, colour, thickness) {
  if (width <= 0 || height <= 0) return;
  context.strokeStyle = colour;
  context.lineWidth = thickness;
  context.strokeRect(
    left + thickness / 2 - 1,
    top + thickness / 2 - 1,
    width + 1 - thickness,
    height + 1 - thickness,
  );
}
