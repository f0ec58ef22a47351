/** @file The headers of rows and columns, which stay in view, and the corner that names the two axes. */
import {LOW} from "./geometry.js";
import {runsThatFit} from "./labels.js";

/** @param {import("./paint.js").Frame} frame */
export function paintHeaders(frame) {
  const {context, geometry, ratio} = frame;
  const pens = {
    width: Math.round(geometry.headerWidth * ratio),
    height: Math.round(geometry.headerHeight * ratio),
    label: `${12 * ratio}px ${frame.theme.mono}`,
    index: `${10.5 * ratio}px ${frame.theme.mono}`,
  };
  context.textBaseline = "alphabetic";
  paintColumns(frame, pens);
  paintRows(frame, pens);
  paintCorner(frame, pens);
}

function paintColumns(frame, pens) {
  const {context, theme, geometry, window, lefts, range} = frame;
  context.fillStyle = theme.css("paper");
  context.fillRect(pens.width, 0, context.canvas.width - pens.width, pens.height);
  const step =
    geometry.narrow && !geometry.upright ? tickStep(geometry.columns, geometry.columnWidth) : 1;
  const {sort} = frame.data.order;
  for (let column = window.column; column < window.columnEnd; column++) {
    const left = lefts[column - window.column];
    const right = lefts[column + 1 - window.column];
    const chosen = range && column >= range.column && column < range.columnEnd;
    if (chosen) fill(context, theme.faded("focus", 0.16), left, 0, right - left, pens.height);
    const signed =
      !geometry.narrow && (chosen || column === frame.hovered || sort?.column === column);
    if (signed) paintSign(frame, pens, left, sort?.column === column ? sort : null);
    if (!geometry.narrow) paintWideColumn(frame, pens, column, right, {chosen, signed});
    else if (geometry.upright) paintUprightColumn(frame, pens, column, (left + right) / 2);
    else if (column % step === 0) paintTick(frame, pens, column, (left + right) / 2, chosen);
  }
  fill(context, theme.css("line-2"), 0, pens.height - 1, lefts.at(-1), 1);
}

/** Label above, number below; a token's own id at the left where it is not the number. */
function paintWideColumn(frame, pens, column, right, {chosen, signed}) {
  const {context, theme, geometry, data, ratio} = frame;
  const edge = right - Math.round(7 * ratio);
  const words = data.kinds().column.words;
  const label = words ? data.labels.get("column", column) : undefined;
  context.font = pens.index;
  context.textAlign = "right";
  context.fillStyle = theme.css(chosen ? "ink" : "ink-3");
  context.fillText(String(column), edge, pens.height - Math.round(8 * ratio));
  if (!label) return;
  if (label.id !== null && label.id !== column) {
    context.textAlign = "left";
    const left = right - Math.round((geometry.columnWidth - (signed ? 18 : 5)) * ratio);
    context.fillText(`#${label.id}`, left, pens.height - Math.round(8 * ratio));
  }
  const room = (geometry.columnWidth - 12) * ratio;
  const fitted = runsThatFit(context, label, pens.label, room);
  paintRuns(frame, fitted, edge - fitted.width, pens.height - Math.round(22 * ratio));
}

/** What sorts by a column: both arrows, or the one that says how it is sorted. */
function paintSign({context, theme, ratio}, pens, left, sort) {
  const middle = pens.height - Math.round(11.5 * ratio);
  const across = left + Math.round(6 * ratio);
  context.fillStyle = theme.css(sort ? "focus" : "ink-3");
  if (sort) {
    const way = sort.descending ? 1 : -1;
    triangle(context, across - ratio, middle - way * 2.5 * ratio, 9 * ratio, way * 5.5 * ratio);
  } else {
    for (const way of [-1, 1])
      triangle(context, across, middle + way * ratio, 7 * ratio, way * 4.5 * ratio);
  }
}

/** A triangle on a base of some width; it points down where its height is positive. */
function triangle(context, left, base, width, height) {
  context.beginPath();
  context.moveTo(left, base);
  context.lineTo(left + width, base);
  context.lineTo(left + width / 2, base + height);
  context.fill();
}

/** Columns too narrow for words: the label stands upright. */
function paintUprightColumn(frame, pens, column, middle) {
  const {context, data, ratio} = frame;
  const label = data.labels.get("column", column);
  if (!label) return;
  context.save();
  context.translate(Math.round(middle + 4 * ratio), pens.height - Math.round(7 * ratio));
  context.rotate(-Math.PI / 2);
  paintRuns(frame, runsThatFit(context, label, pens.label, pens.height - 14 * ratio), 0, 0);
  context.restore();
}

function paintTick({context, theme, ratio}, pens, column, middle, chosen) {
  context.font = pens.index;
  context.textAlign = "center";
  context.fillStyle = theme.css(chosen ? "ink" : "ink-3");
  context.fillText(
    String(column),
    Math.max(middle, pens.width + 8 * ratio),
    pens.height - Math.round(8 * ratio),
  );
}

function paintRows(frame, pens) {
  const {context, theme, geometry, window, tops, range} = frame;
  context.fillStyle = theme.css("paper");
  context.fillRect(0, pens.height, pens.width, context.canvas.height - pens.height);
  const step = geometry.rowHeight < LOW ? Math.ceil(20 / geometry.rowHeight / 5) * 5 : 1;
  for (let row = window.row; row < window.rowEnd; row++) {
    const top = tops[row - window.row];
    const bottom = tops[row + 1 - window.row];
    const chosen = range && row >= range.row && row < range.rowEnd;
    if (chosen) fill(context, theme.faded("focus", 0.16), 0, top, pens.width, bottom - top);
    if (row % step === 0) paintRow(frame, pens, row, (top + bottom) / 2, chosen, step === 1);
    if (step === 1) fill(context, theme.faded("line", 0.55), 0, bottom - 1, pens.width, 1);
  }
  fill(context, theme.css("line-2"), pens.width - 1, 0, 1, tops.at(-1));
}

/** The number, then the label, then a token's own id where it is not the number. */
function paintRow(frame, pens, row, middle, chosen, withLabel) {
  const {context, theme, data, geometry, ratio} = frame;
  const digits = Math.round((8 + String(geometry.rows - 1).length * 7) * ratio);
  const kind = data.kinds().row;
  context.font = pens.index;
  context.textAlign = "right";
  context.fillStyle = theme.css(chosen ? "ink" : "ink-3");
  const end = kind.words && withLabel ? digits : pens.width - Math.round(8 * ratio);
  context.fillText(String(data.order.row(row)), end, Math.round(middle + 3.8 * ratio));
  const label = kind.words && withLabel ? data.labels.get("row", row) : undefined;
  if (!label) return;
  if (kind.ids && label.id !== null) {
    context.fillText(
      `#${label.id}`,
      pens.width - Math.round(6 * ratio),
      Math.round(middle + 3.8 * ratio),
    );
  }
  const room = pens.width - digits - (kind.ids ? 56 : 16) * ratio;
  paintRuns(
    frame,
    runsThatFit(context, label, pens.label, room),
    digits + 9 * ratio,
    Math.round(middle + 4.2 * ratio),
  );
}

/** Runs of one label, the faint ones fainter; the font is set by the fitting. */
function paintRuns({context, theme}, {runs, font}, left, baseline) {
  context.font = font;
  context.textAlign = "left";
  for (const {text, faint, width} of runs) {
    context.fillStyle = theme.css(faint ? "line-2" : "ink");
    context.fillText(text, left, baseline);
    left += width;
  }
}

/** The names of both axes: across at the top right, down at the bottom left. */
function paintCorner(frame, pens) {
  const {context, theme, data, ratio} = frame;
  fill(context, theme.css("paper"), 0, 0, pens.width, pens.height);
  fill(context, theme.css("line-2"), 0, pens.height - 1, pens.width, 1);
  fill(context, theme.css("line-2"), pens.width - 1, 0, 1, pens.height);
  const {row_axis: down, column_axis: across} = data.table;
  const inset = Math.round(7 * ratio);
  context.font = `${10.5 * ratio}px ${theme.sans}`;
  context.fillStyle = theme.css("ink-3");
  context.textAlign = "left";
  context.fillText(
    down ? `${down} ↓` : "",
    inset,
    pens.height - Math.round(8 * ratio),
    pens.width - 2 * inset,
  );
  const baseline =
    pens.height < 36 * ratio ? pens.height - Math.round(8 * ratio) : Math.round(15 * ratio);
  context.textAlign = "right";
  context.fillText(across ? `${across} →` : "", pens.width - inset, baseline);
}

/** Ticks stand so far apart that their numbers do not touch: every 5, 10, 20, 50, ... columns. */
function tickStep(count, width) {
  const room = String(count).length * 7 + 10;
  let step = 1;
  for (const next of [2, 5, 10, 20, 50, 100]) if (step * width < room) step = next;
  return step;
}

function fill(context, colour, left, top, width, height) {
  context.fillStyle = colour;
  context.fillRect(left, top, width, height);
}
