/** @file A table as a grid: only the cells in sight are in the page, however large the table is. */
import {element, exactly, labelOf, visible, writtenAs} from "./data.js";

const ROW = 24;
const COLUMN = 78;
const HEAD = 42;
const LABEL = 116;
const MARGIN = 3;

/** A grid that shows one matrix at a time. @param {function} onSelect called with {row, column} */
export class Grid {
  constructor(onSelect) {
    this.onSelect = onSelect;
    this.matrix = /** @type {any} */ (null);
    this.as = /** @type {any} */ (null);
    this.selected = {row: 0, column: 0};
    this.frame = 0;
    this.space = element("div", {className: "grid-space"});
    this.host = element(
      "div",
      {className: "grid", role: "grid", tabindex: "0", id: "grid"},
      this.space,
    );
    this.host.addEventListener("scroll", () => this.later());
    this.host.addEventListener("keydown", (event) => this.onKey(event));
    this.host.addEventListener("pointerdown", (event) => this.onPointer(event));
    new ResizeObserver(() => this.later()).observe(this.host);
  }

  /** Show a matrix; the selection goes to its first cell. */
  show(matrix) {
    this.matrix = matrix;
    this.as = writtenAs(matrix.numbers);
    this.selected = {row: 0, column: 0};
    this.host.setAttribute(
      "aria-label",
      `${matrix.table.name}: ${matrix.rows} rows, ${matrix.columns} columns`,
    );
    this.host.setAttribute("aria-rowcount", String(matrix.rows + 1));
    this.host.setAttribute("aria-colcount", String(matrix.columns + 1));
    this.space.style.width = `${LABEL + matrix.columns * COLUMN}px`;
    this.space.style.height = `${HEAD + matrix.rows * ROW}px`;
    this.host.scrollTo(0, 0);
    this.draw();
    this.onSelect(this.selected);
  }

  value(row, column) {
    return this.matrix.numbers[row * this.matrix.columns + column];
  }

  later() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  draw() {
    const {scrollTop, scrollLeft, clientWidth, clientHeight} = this.host;
    /** @returns {[number, number]} */
    const within = (least, count, size, length) => {
      const first = Math.max(0, Math.floor(least / size) - MARGIN);
      return [first, Math.min(count, Math.ceil((least + length) / size) + MARGIN)];
    };
    const rows = within(scrollTop, this.matrix.rows, ROW, clientHeight);
    const columns = within(scrollLeft, this.matrix.columns, COLUMN, clientWidth);
    const drawn = [this.head(columns)];
    for (let row = rows[0]; row < rows[1]; row += 1) drawn.push(this.row(row, columns));
    this.space.replaceChildren(...drawn);
    const {row, column} = this.selected;
    const inSight = row >= rows[0] && row < rows[1] && column >= columns[0] && column < columns[1];
    if (inSight) this.host.setAttribute("aria-activedescendant", cellId(row, column));
    else this.host.removeAttribute("aria-activedescendant");
  }

  head([first, last]) {
    const {table, rowAxis, columnAxis} = this.matrix;
    const corner = element(
      "span",
      {className: "grid-corner", role: "columnheader", "aria-colindex": "1"},
      element("span", {}, `${rowAxis} ↓`),
      columnAxis && element("span", {}, `${columnAxis} →`),
    );
    corner.style.width = `${LABEL}px`;
    const head = element(
      "div",
      {className: "grid-head", role: "row", "aria-rowindex": "1"},
      corner,
    );
    head.style.height = `${HEAD}px`;
    for (let column = first; column < last; column += 1) {
      const {number, text} = columnAxis
        ? labelOf(table, columnAxis, column)
        : {number: "", text: "value"};
      const made = element(
        "span",
        {className: "grid-column", role: "columnheader", "aria-colindex": column + 2, title: text},
        element("small", {}, String(number)),
        element("b", {}, visible(text)),
      );
      made.style.left = `${LABEL + column * COLUMN}px`;
      made.style.width = `${COLUMN}px`;
      head.append(made);
    }
    return head;
  }

  row(row, [first, last]) {
    const {number, text} = labelOf(this.matrix.table, this.matrix.rowAxis, row);
    const header = element(
      "span",
      {className: "grid-row-head", role: "rowheader", "aria-colindex": "1", title: text},
      element("small", {}, String(number)),
      element("b", {}, visible(text)),
    );
    header.style.width = `${LABEL}px`;
    const made = element(
      "div",
      {className: "grid-row", role: "row", "aria-rowindex": row + 2},
      header,
    );
    made.style.top = `${HEAD + row * ROW}px`;
    for (let column = first; column < last; column += 1) made.append(this.cell(row, column));
    return made;
  }

  cell(row, column) {
    const value = this.value(row, column);
    const chosen = row === this.selected.row && column === this.selected.column;
    const made = element(
      "span",
      {
        className: "grid-cell",
        role: "gridcell",
        id: cellId(row, column),
        "aria-colindex": column + 2,
        "aria-selected": chosen ? "true" : "false",
        title: exactly(value),
      },
      this.as.write(value),
    );
    made.style.left = `${LABEL + column * COLUMN}px`;
    made.style.width = `${COLUMN}px`;
    const hue = this.matrix.table.share ? "--share" : value < 0 ? "--cold" : "--warm";
    const depth = Number.isFinite(value) && this.as.largest ? Math.abs(value) / this.as.largest : 0;
    made.style.backgroundColor = `color-mix(in srgb, var(${hue}) ${Math.round(depth * 38)}%, transparent)`;
    return made;
  }

  /** Select a cell, and bring it into sight. */
  select(row, column) {
    const {rows, columns} = this.matrix;
    this.selected = {
      row: Math.min(Math.max(row, 0), rows - 1),
      column: Math.min(Math.max(column, 0), columns - 1),
    };
    const top = this.selected.row * ROW;
    const left = this.selected.column * COLUMN;
    const {host} = this;
    host.scrollTop = Math.min(Math.max(host.scrollTop, top + ROW + HEAD - host.clientHeight), top);
    host.scrollLeft = Math.min(
      Math.max(host.scrollLeft, left + COLUMN + LABEL - host.clientWidth),
      left,
    );
    this.draw();
    this.onSelect(this.selected);
  }

  onPointer(event) {
    const cell = event.target.closest(".grid-cell");
    if (!cell) return;
    const [, row, column] = cell.id.split("-").map(Number);
    this.select(row, column);
  }

  onKey(event) {
    const {row, column} = this.selected;
    const page = Math.max(1, Math.floor((this.host.clientHeight - HEAD) / ROW) - 1);
    const far = event.ctrlKey || event.metaKey;
    const to = {
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1],
      PageUp: [row - page, column],
      PageDown: [row + page, column],
      Home: [far ? 0 : row, 0],
      End: [far ? this.matrix.rows - 1 : row, this.matrix.columns - 1],
    }[event.key];
    if (!to) return;
    event.preventDefault();
    this.select(...to);
  }
}

function cellId(row, column) {
  return `cell-${row}-${column}`;
}
