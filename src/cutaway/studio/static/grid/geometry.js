/** @file Where everything is: sizes of cells and headers, what is in view, which cell lies under a point. */
import {WIDEST} from "./numbers.js";

/** Width and height of a cell that shows its number, in CSS pixels. */
export const WIDE = {width: Math.ceil(WIDEST * 7.5) + 14, height: 22};
/** The steps of a heat map's cells: squares of so many CSS pixels, then cells that show their numbers. */
export const STEPS = [4, 8, 14, 22, 36, "numbers"];

// A browser draws elements only so far (Firefox 17.8 million pixels); beyond, a scrolled pixel
// counts for more.
const FARTHEST = 15_000_000;
/** Rows below this height have no room for a label, only now and then for a number. */
export const LOW = 14;
const DIGIT = 7;
const WORD = 104;
const ID = 44;

/** The step at which a heat map starts: the largest at which the whole table is seen, at least 14 pixels. */
export function fittingStep(table, view) {
  const fits = (width, height) =>
    table.columns * width < view.width - 160 && table.rows * height < view.height - 60;
  if (fits(WIDE.width, WIDE.height)) return STEPS.length - 1;
  const largest = STEPS.findLastIndex((step) => step !== "numbers" && fits(step, step));
  return Math.max(STEPS.indexOf(14), largest);
}

/** Sizes of cells and headers for a table. `kinds` says which labels have words and ids of their own. */
function sizes(table, step, kinds) {
  const cell = step === "numbers" ? WIDE : {width: step, height: step};
  const digits = String(Math.max(0, table.rows - 1)).length * DIGIT;
  const words = cell.height < LOW ? 0 : (kinds.row.words ? WORD + 8 : 0) + (kinds.row.ids ? ID : 0);
  const narrow = cell.width < WIDE.width;
  const upright = narrow && cell.width >= 14 && kinds.column.words;
  return {
    columnWidth: cell.width,
    rowHeight: cell.height,
    headerWidth: Math.max(132, 16 + digits + words),
    headerHeight: upright ? 88 : !narrow && kinds.column.words ? 40 : 26,
    narrow,
    upright,
  };
}

export class Geometry {
  constructor(table, step, kinds, view) {
    const found = sizes(table, step, kinds);
    this.columnWidth = found.columnWidth;
    this.rowHeight = found.rowHeight;
    this.headerWidth = found.headerWidth;
    this.headerHeight = found.headerHeight;
    this.narrow = found.narrow;
    this.upright = found.upright;
    this.rows = table.rows;
    this.columns = table.columns;
    this.view = view;
    this.contentWidth = this.columns * this.columnWidth;
    this.contentHeight = this.rows * this.rowHeight;
    this.innerWidth = Math.max(0, view.width - this.headerWidth);
    this.innerHeight = Math.max(0, view.height - this.headerHeight);
    this.spacerWidth = this.headerWidth + Math.min(this.contentWidth, FARTHEST);
    this.spacerHeight = this.headerHeight + Math.min(this.contentHeight, FARTHEST);
    this.ratioX = ratio(this.contentWidth, this.innerWidth);
    this.ratioY = ratio(this.contentHeight, this.innerHeight);
  }

  /** The rows and columns of which something is seen when scrolled to x, y: each from first up to end. */
  window(x, y) {
    return {
      row: Math.min(this.rows, Math.floor(y / this.rowHeight)),
      rowEnd: Math.min(this.rows, Math.ceil((y + this.innerHeight) / this.rowHeight)),
      column: Math.min(this.columns, Math.floor(x / this.columnWidth)),
      columnEnd: Math.min(this.columns, Math.ceil((x + this.innerWidth) / this.columnWidth)),
    };
  }

  /** Left edge of a column in the view. */
  left(column, x) {
    return this.headerWidth + column * this.columnWidth - x;
  }

  /** Upper edge of a row in the view. */
  top(row, y) {
    return this.headerHeight + row * this.rowHeight - y;
  }

  /** The nearest cell to a point of the view, and the part of the grid that the point is in. */
  at(left, top, x, y) {
    const column = Math.floor((left - this.headerWidth + x) / this.columnWidth);
    const row = Math.floor((top - this.headerHeight + y) / this.rowHeight);
    const outside =
      (left >= this.headerWidth && column >= this.columns) ||
      (top >= this.headerHeight && row >= this.rows);
    return {
      row: clamp(row, 0, this.rows - 1),
      column: clamp(column, 0, this.columns - 1),
      part: outside ? "outside" : partAt(left < this.headerWidth, top < this.headerHeight),
    };
  }

  /** Where to scroll so that a cell is seen; `centred` puts one that is out of view in the middle. */
  reach(row, column, x, y, centred = false) {
    const across = reachAlong(
      column * this.columnWidth,
      this.columnWidth,
      x,
      this.innerWidth,
      centred,
    );
    const down = reachAlong(row * this.rowHeight, this.rowHeight, y, this.innerHeight, centred);
    return {
      x: clamp(across, 0, Math.max(0, this.contentWidth - this.innerWidth)),
      y: clamp(down, 0, Math.max(0, this.contentHeight - this.innerHeight)),
    };
  }
}

function ratio(content, inner) {
  return content > FARTHEST ? (content - inner) / (FARTHEST - inner) : 1;
}

function partAt(inRowHeader, inColumnHeader) {
  if (inRowHeader && inColumnHeader) return "corner";
  if (inRowHeader) return "row";
  return inColumnHeader ? "column" : "cell";
}

function reachAlong(start, size, offset, inner, centred) {
  if (start >= offset && start + size <= offset + inner) return offset;
  if (centred) return start - (inner - size) / 2;
  return start < offset ? start : start + size - inner;
}

export function clamp(value, least, most) {
  return Math.max(least, Math.min(most, value));
}
