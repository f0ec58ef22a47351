/** @file The grid for screen readers: real rows and cells for what is in view and round the active cell. */
import {element} from "./dom.js";
import {minus} from "../text.js";
import {visibleText} from "./labels.js";
import {exact} from "./numbers.js";
import {headerWords} from "./words.js";

const MOST_ROWS = 30;
const MOST_COLUMNS = 12;
const CELL = {position: "absolute", overflow: "hidden"};

export class AriaCells {
  constructor({id, scroller, mirror}) {
    this.id = id;
    this.grid = scroller;
    this.holder = mirror;
    this.rows = [];
  }

  /** Bring the elements up to date. @param {import("./paint.js").Frame} frame */
  update(frame, {settled, label, editable}) {
    const {table} = frame.data;
    set(this.grid, "aria-label", label);
    set(this.grid, "aria-rowcount", table.rows + 1);
    set(this.grid, "aria-colcount", table.columns + 1);
    set(this.grid, "aria-readonly", !editable);
    set(this.grid, "aria-busy", !settled);
    // The end of a range, which the keys move, is what a screen reader is to say.
    const active = frame.end;
    const rows = around(frame.window.row, frame.window.rowEnd, active?.row, MOST_ROWS);
    const columns = around(
      frame.window.column,
      frame.window.columnEnd,
      active?.column,
      MOST_COLUMNS,
    );
    this.fit(rows.length + 1, columns.length + 1);
    this.fillHeader(frame, columns);
    rows.forEach((row, index) => this.fillRow(frame, this.rows[index + 1], row, columns));
    if (active) set(this.grid, "aria-activedescendant", this.idOf(active.row, active.column));
    else this.grid.removeAttribute("aria-activedescendant");
  }

  /** Say that the elements lag behind what is seen. */
  lag() {
    set(this.grid, "aria-busy", true);
  }

  idOf(row, column) {
    return `${this.id}-${row}-${column}`;
  }

  /** As many rows of as many cells as are needed; the first of each are the headers. */
  fit(rows, columns) {
    while (this.rows.length > rows) this.rows.pop().remove();
    while (this.rows.length < rows) {
      this.rows.push(this.holder.appendChild(element("div", {attributes: {role: "row"}})));
    }
    for (const row of this.rows) {
      while (row.childElementCount > columns) row.lastChild.remove();
      while (row.childElementCount < columns) row.append(element("div", {style: CELL}));
    }
  }

  fillHeader(frame, columns) {
    const [row] = this.rows;
    const {row_axis: down = "row", column_axis: across = "column"} = frame.data.table;
    set(row, "aria-rowindex", 1);
    fillCell(row.children[0], {role: "columnheader", "aria-colindex": 1}, `${down} by ${across}`);
    columns.forEach((column, index) => {
      const cell = row.children[index + 1];
      fillCell(
        cell,
        {role: "columnheader", "aria-colindex": column + 2},
        headerText(frame.data, "column", column),
      );
      const {sort} = frame.data.order;
      if (sort?.column === column)
        set(cell, "aria-sort", sort.descending ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
      this.lay(frame, cell, null, column);
    });
  }

  fillRow(frame, line, row, columns) {
    const {data} = frame;
    set(line, "aria-rowindex", row + 2);
    const header = line.children[0];
    fillCell(header, {role: "rowheader", "aria-colindex": 1}, headerText(data, "row", row));
    this.lay(frame, header, row, null);
    columns.forEach((column, index) => {
      const cell = line.children[index + 1];
      const value = data.value(row, column);
      fillCell(
        cell,
        {
          id: this.idOf(row, column),
          role: "gridcell",
          "aria-colindex": column + 2,
          "aria-selected": isIn(frame.range, row, column),
          "data-value": value === undefined ? "" : exact(value),
        },
        isIn(frame.pending, row, column)
          ? `${minus(frame.pending?.text ?? "")}, pending`
          : cellText(data, row, column, value),
      );
      this.lay(frame, cell, row, column);
    });
  }

  /** Lay an element where the canvas shows its cell: magnifiers and touch readers look for it there. */
  lay({geometry, x, y, scroll}, cell, row, column) {
    const left = column === null ? 0 : geometry.left(column, x);
    const top = row === null ? 0 : geometry.top(row, y);
    Object.assign(cell.style, {
      left: `${left + scroll.left}px`,
      top: `${top + scroll.top}px`,
      width: `${column === null ? geometry.headerWidth : geometry.columnWidth}px`,
      height: `${row === null ? geometry.headerHeight : geometry.rowHeight}px`,
    });
  }
}

/** The indices in view, at most so many, near the active one; and the active one wherever it is. */
function around(first, end, active, most) {
  let from = first;
  if (end - first > most) {
    const middle = active >= first && active < end ? active : first;
    from = Math.max(first, Math.min(middle - (most >> 1), end - most));
  }
  const list = [];
  for (let index = from; index < Math.min(end, from + most); index++) list.push(index);
  if (active === undefined || list.includes(active)) return list;
  return [...list, active].sort((one, other) => one - other);
}

function isIn(range, row, column) {
  return Boolean(
    range &&
    row >= range.row &&
    row < range.rowEnd &&
    column >= range.column &&
    column < range.columnEnd,
  );
}

function headerText(data, axis, index) {
  const label = data.labels.get(axis, index);
  const shown = label && label.text !== String(label.index) ? `${visibleText(label)}, ` : "";
  const id = label && label.id !== null ? `, id ${label.id}` : "";
  return `${shown}${headerWords(data, axis, index)[0]}${id}`;
}

function cellText(data, row, column, value) {
  if (value === undefined) return "on its way";
  const before = data.valueBefore(row, column);
  const text = value === 0 ? "0" : data.write(value);
  return before === undefined ? text : `${text}, was ${before === 0 ? "0" : data.write(before)}`;
}

function fillCell(cell, attributes, text) {
  for (const [name, value] of Object.entries(attributes)) set(cell, name, value);
  if (!("id" in attributes)) cell.removeAttribute("id");
  if (cell.textContent !== text) cell.textContent = text;
}

function set(target, name, value) {
  if (target.getAttribute(name) !== String(value)) target.setAttribute(name, value);
}
