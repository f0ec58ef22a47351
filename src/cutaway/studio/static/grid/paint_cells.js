/** @file The cells of one tile: their colours, their numbers, and outlines round those that an edit moved. */
import {shadeOf} from "./theme.js";
import {TILE} from "./tiles.js";

/** Cells below this many CSS pixels are painted as a picture of one pixel a cell, drawn larger. */
const SMALL = 12;

/**
 * @param {import("./paint.js").Frame} frame
 * @param {import("./tiles.js").Tile} tile
 * @param {import("./tiles.js").Tile|undefined} before the same tile without the edits
 * @param {any} seen the part of it in view
 */
export function paintTile(frame, tile, before, seen) {
  const here = {
    ...seen,
    rowEnd: Math.min(seen.rowEnd, seen.firstRow + tile.rows),
    columnEnd: Math.min(seen.columnEnd, seen.firstColumn + tile.columns),
  };
  const small = frame.geometry.rowHeight < SMALL;
  if (small) paintPicture(frame, tile, here);
  else paintColours(frame, tile, here);
  if (before) markChanges(tile, before);
  if (frame.data.table.compare && tile.marks)
    (small ? paintChangedRuns : paintChanged)(frame, tile, here);
  if (!frame.geometry.narrow) paintTexts(frame, tile, here);
}

/** The colour behind each number, one rectangle a cell. */
function paintColours(frame, tile, here) {
  const {context, lefts, tops, window, perLargest} = frame;
  const gap = frame.heat ? 1 : 0;
  for (let row = here.row; row < here.rowEnd; row++) {
    const top = tops[row - window.row];
    const height = tops[row + 1 - window.row] - top - 1;
    let at = (row - here.firstRow) * tile.columns + here.column - here.firstColumn;
    for (let column = here.column; column < here.columnEnd; column++, at++) {
      const value = tile.numbers[at];
      const shade = value === -Infinity ? 0 : shadeOf(value, perLargest);
      if (shade === 0) continue;
      const left = lefts[column - window.column];
      context.fillStyle = shadesFor(frame, value).css[shade];
      context.fillRect(left, top, lefts[column + 1 - window.column] - left - gap, height);
    }
  }
}

/** The numbers themselves. */
function paintTexts(frame, tile, here) {
  const {context, lefts, tops, window, data, ratio} = frame;
  tile.texts ??= new Array(tile.numbers.length);
  context.font = frame.font;
  context.textAlign = "right";
  context.textBaseline = "alphabetic";
  const padding = Math.round(7 * ratio);
  const drop = Math.round((frame.geometry.rowHeight / 2 + 4.2) * ratio);
  for (let row = here.row; row < here.rowEnd; row++) {
    const baseline = tops[row - window.row] + drop;
    let at = (row - here.firstRow) * tile.columns + here.column - here.firstColumn;
    for (let column = here.column; column < here.columnEnd; column++, at++) {
      const value = tile.numbers[at];
      context.fillStyle = textColour(frame, value);
      context.fillText(
        (tile.texts[at] ??= data.write(value)),
        lefts[column + 1 - window.column] - padding,
        baseline,
      );
    }
  }
}

/** Faint where there is nothing to read: masked, or exactly zero. */
function textColour(frame, value) {
  if (value === 0 || value === -Infinity) return frame.faint;
  if (!frame.heat) return frame.ink;
  return shadesFor(frame, value).text[shadeOf(value, frame.perLargest)];
}

function shadesFor({shades, data}, value) {
  if (data.table.share) return shades.share;
  return value < 0 ? shades.cold : shades.warm;
}

/** Many small cells at once: the tile as a picture, enlarged. */
function paintPicture(frame, tile, here) {
  const {context, geometry, lefts, tops, window, ratio} = frame;
  const stamp = `${frame.perLargest} ${frame.data.table.share}`;
  if (tile.picture?.theme !== frame.theme.identity || tile.picture.stamp !== stamp) {
    tile.picture = {theme: frame.theme.identity, stamp, canvas: pictureOf(frame, tile)};
  }
  const rows = here.rowEnd - here.row;
  const columns = here.columnEnd - here.column;
  if (rows <= 0 || columns <= 0) return;
  context.imageSmoothingEnabled = false;
  context.drawImage(
    tile.picture.canvas,
    here.column - here.firstColumn,
    here.row - here.firstRow,
    columns,
    rows,
    lefts[here.column - window.column],
    tops[here.row - window.row],
    Math.round(columns * geometry.columnWidth * ratio),
    Math.round(rows * geometry.rowHeight * ratio),
  );
}

function pictureOf(frame, tile) {
  const canvas = new OffscreenCanvas(tile.columns, tile.rows);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(tile.columns, tile.rows);
  const pixels = new Uint32Array(image.data.buffer);
  tile.numbers.forEach((value, at) => {
    pixels[at] = shadesFor(frame, value).pixels[
      value === -Infinity ? 0 : shadeOf(value, frame.perLargest)
    ];
  });
  context.putImageData(image, 0, 0);
  return canvas;
}

/**
 * Note which cells of a tile differ from before. The marks of an earlier version stay until both
 * tiles have come in the same one, so that outlines do not blink.
 */
function markChanges(tile, before) {
  if (tile.version !== before.version || tile.marksFrom === before.serial) return;
  const same = tile.rows === before.rows && tile.columns === before.columns;
  tile.marks = Uint8Array.from(tile.numbers, (value, at) =>
    same && value !== before.numbers[at] ? 1 : 0,
  );
  tile.marksFrom = before.serial;
}

/** A tint and an outline for each changed cell. */
function paintChanged(frame, tile, here) {
  const {context, theme, lefts, tops, window, ratio} = frame;
  const thickness = Math.max(1, Math.round(ratio));
  context.fillStyle = theme.css("changed-paper");
  everyRun(tile, here, 1, (row, column, end) => {
    const left = lefts[column - window.column];
    const top = tops[row - window.row];
    const width = lefts[end - window.column] - left - 1;
    const height = tops[row + 1 - window.row] - top - 1;
    if (!frame.heat) context.fillRect(left, top, width, height);
    ring(context, theme.css("changed"), left, top, width, height, thickness);
    // Amber on orange is hard to see: in a heat map a light line parts the two.
    const [inner, less] = [thickness, 2 * thickness];
    if (frame.heat)
      ring(
        context,
        theme.css("paper-2"),
        left + inner,
        top + inner,
        width - less,
        height - less,
        1,
      );
  });
}

function ring(context, colour, left, top, width, height, thickness) {
  context.strokeStyle = colour;
  context.lineWidth = thickness;
  context.strokeRect(
    left + thickness / 2,
    top + thickness / 2,
    width - thickness,
    height - thickness,
  );
}

/** Small cells: one outline round neighbours in a row that all changed. */
function paintChangedRuns({context, theme, lefts, tops, window, ratio}, tile, here) {
  const thickness = Math.max(1, Math.round(ratio));
  everyRun(tile, here, TILE, (row, column, end) => {
    const left = lefts[column - window.column];
    const top = tops[row - window.row];
    const width = lefts[end - window.column] - left;
    ring(
      context,
      theme.css("changed"),
      left,
      top,
      width,
      tops[row + 1 - window.row] - top,
      thickness,
    );
  });
}

/**
 * Call for each run of at most `longest` marked neighbours in a row: row, first column, column
 * after the last.
 */
function everyRun(tile, here, longest, call) {
  for (let row = here.row; row < here.rowEnd; row++) {
    const start = (row - here.firstRow) * tile.columns - here.firstColumn;
    for (let column = here.column; column < here.columnEnd; column++) {
      if (!tile.marks[start + column]) continue;
      let end = column + 1;
      while (end < here.columnEnd && end - column < longest && tile.marks[start + end]) end++;
      call(row, column, end);
      column = end - 1;
    }
  }
}

/** Where no number has come yet: a faint bar in each cell, or a faint ground behind narrow cells. */
export function paintWaiting(frame, tile, seen) {
  const rows = tile ? seen.firstRow + tile.rows : seen.row;
  const columns = tile ? seen.firstColumn + tile.columns : seen.column;
  if (rows < seen.rowEnd) waitingBars(frame, {...seen, row: Math.max(rows, seen.row)});
  if (columns < seen.columnEnd) {
    waitingBars(frame, {
      ...seen,
      rowEnd: Math.min(rows, seen.rowEnd),
      column: Math.max(columns, seen.column),
    });
  }
}

function waitingBars(
  {context, theme, geometry, lefts, tops, window, ratio},
  {row, rowEnd, column, columnEnd},
) {
  if (row >= rowEnd || column >= columnEnd) return;
  context.fillStyle = theme.faded("line", 0.5);
  if (geometry.narrow) {
    const left = lefts[column - window.column];
    const top = tops[row - window.row];
    context.fillRect(
      left,
      top,
      lefts[columnEnd - window.column] - left,
      tops[rowEnd - window.row] - top,
    );
    return;
  }
  const [width, height] = [Math.round(30 * ratio), Math.round(4 * ratio)];
  const drop = Math.round((geometry.rowHeight * ratio - height) / 2);
  for (let down = row; down < rowEnd; down++) {
    for (let across = column; across < columnEnd; across++) {
      const right = lefts[across + 1 - window.column] - Math.round(7 * ratio);
      context.fillRect(right - width, tops[down - window.row] + drop, width, height);
    }
  }
}
