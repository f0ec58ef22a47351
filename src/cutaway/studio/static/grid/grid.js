/**
 * @file A canvas grid for huge tables of numbers: an anywidget module (`render({model, el})`) that
 * our page uses as well.
 *
 * What the model holds (anywidget: get, set, on, off, save_changes, send):
 *   table     {key, version, rows, columns, row_axis, column_axis, largest, share, whole?,
 *     editable, compare, label?}
 *             largest: the largest |number|, for the colours; share: shares of 1; whole: whole numbers;
 *             compare: the table before the edits can be asked for; label: its name for screen readers
 *   mode      "numbers" or "heat"
 *   selected  {row, column, row_end, column_end} (both ends belong to it) or null; read and written
 *   reveal    {row, column, row_end?, column_end?, nonce}: with a new nonce, scroll there and select
 *   pending   {key, row, column, row_end, column_end, text} or null: cells that were typed into and
 *     are not calculated yet
 *   lines     {row?, column?} or null: a whole row and a whole column that are outlined
 * What the grid sends; a message with `request` is answered by "msg:custom" with {re: request, ...}
 * or {re, error}:
 *   {do: "tile", key, version, row, column, of: "now" | "before", rows?, request} -> {rows, columns}
 *   and float32 numbers; `rows` names the table's rows that are seen there when it is sorted
 *   {do: "labels", key, axis: "row" | "column", first, count, rows?, request} -> {labels: [text],
 *   ids: [number] | null}
 *   {do: "order", key, version, column, descending, request} -> {order: [number]}: the table's rows
 *   as they are seen when they are sorted by a column
 *   {do: "edit", key, row, column, row_end, column_end, text}, {do: "paste", key, row, column,
 *   text}, {do: "say", text}
 * On the element: data-key, data-version, and data-settled="true" once all that is in view has come
 * and is painted.
 */
import {NextTable} from "./next_table.js";
import {listenToClipboard} from "./clipboard.js";
import {buildElements} from "./dom.js";
import {Editor} from "./edit.js";
import {Geometry, STEPS, WIDE, clamp, fittingStep} from "./geometry.js";
import {GridActions} from "./actions.js";
import {listenToKeys} from "./keyboard.js";
import {Requests} from "./requests.js";
import {AriaCells} from "./aria.js";
import {frameOf, paint} from "./paint.js";
import {listenToPointer} from "./pointer.js";
import {Screen} from "./screen.js";
import {Selection} from "./selection.js";
import {ZoomButtons} from "./zoom.js";
import {readTheme, watchTheme} from "./theme.js";
import {Tooltip} from "./tooltip.js";

/** The elements for screen readers follow when scrolling has rested so long. */
const REST_MS = 120;
const SWEEP_FRAMES = 60;
/**
 * In a notebook the grid is as high as its table, up to so many pixels; a horizontal scrollbar
 * needs some.
 */
const TALLEST = 460;
const SCROLLBAR = 18;

/** Everything about one grid; its parts reach each other through it. */
export class Grid {
  /**
   * @param {HTMLElement} host
   * @param {any} model an anywidget model
   * @param {number} tallest
   */
  constructor(host, model, tallest) {
    this.model = model;
    this.tallest = tallest;
    /** @type {any} the numbers and labels of the table in view: a TableData, or null before the first */
    this.data = null;
    /** @type {any} a Geometry, or null before the first table */
    this.geometry = null;
    /** @type {{key: string, column: number, descending: boolean}|null} what the rows are sorted by */
    this.sort = null;
    /** @type {number|null} the column whose head is under the pointer */
    this.hovered = null;
    this.resting = 0;
    this.stepsChosen = new Map();
    this.frames = 0;
    this.stale = true;
    this.scrolledAt = -Infinity;
    this.elements = buildElements(host);
    const {root} = this.elements;
    this.requests = new Requests(model);
    this.selection = new Selection(model, () => this.touched());
    this.actions = new GridActions(this);
    this.nextTable = new NextTable(this);
    this.screen = new Screen(this.elements, {
      resized: () => this.layOut(),
      draw: () => this.draw(),
    });
    this.tooltip = new Tooltip(root, (left, top) => this.actions.wordsAt(left, top));
    this.editor = new Editor(root, {
      write: (text, range) => this.actions.write(text, range),
      closed: () => this.focus(),
    });
    this.zoom = new ZoomButtons(root, (by) => this.resizeCells(by));
    this.aria = new AriaCells(this.elements);
    this.theme = this.applyTheme();
    this.stops = [
      listenToKeys(this.elements.scroller, this.actions),
      listenToPointer(this.elements.scroller, this.actions, this.tooltip),
      listenToClipboard(this.elements.scroller, this.actions),
      watchTheme(() => this.applyTheme()),
      this.listenToModel(),
      this.listenToPage(),
    ];
    this.fitHeight(WIDE.height * (1 + (model.get("table")?.rows ?? 0)));
    this.nextTable.take(model.get("table"));
  }

  listenToModel() {
    const {model, nextTable} = this;
    const listeners = {
      "change:table": () => nextTable.take(model.get("table")),
      "change:mode": () => this.layOut(true),
      "change:selected": () => this.data && !nextTable.data && this.selection.read(this.data.table),
      // A cell to reveal and the table that it is in may come in either order: both wait for the frame.
      "change:reveal": () => this.unsettle(),
      "change:lines": () => this.touched(),
      "change:pending": () => this.touched(),
    };
    for (const [name, listener] of Object.entries(listeners)) model.on(name, listener);
    return () => {
      for (const [name, listener] of Object.entries(listeners)) model.off?.(name, listener);
    };
  }

  listenToPage() {
    const {scroller, root} = this.elements;
    scroller.addEventListener("scroll", () => {
      this.scrolledAt = performance.now();
      this.screen.schedule();
    });
    scroller.addEventListener("focus", () => this.focusChanged());
    scroller.addEventListener("blur", () => this.focusChanged());
    const loaded = () => this.screen.schedule();
    document.fonts.addEventListener("loadingdone", loaded);
    return () => {
      document.fonts.removeEventListener("loadingdone", loaded);
      clearTimeout(this.resting);
      for (const part of [this.nextTable, this.screen, this.requests]) part.destroy();
      root.remove();
    };
  }

  destroy() {
    for (const stop of this.stops) stop();
  }

  focus() {
    this.elements.scroller.focus({preventScroll: true});
  }

  // A grid that has the focus always has an active cell, for screen readers to say where they are.
  focusChanged() {
    const {scroller, canvas} = this.elements;
    const ring = scroller.matches(":focus-visible");
    canvas.style.outline = ring ? `2px solid ${this.theme.css("focus")}` : "none";
    canvas.style.outlineOffset = "-2px";
    if (ring && !this.selection.anchor && this.actions.ready())
      this.actions.select(this.actions.firstInView());
  }

  /** What the rows of a table are sorted by. Another table begins in its own order. */
  sortOf(table) {
    const {sort} = this;
    if (!sort || sort.key !== table.key || sort.column >= table.columns) {
      this.sort = null;
      return null;
    }
    return {column: sort.column, descending: sort.descending};
  }

  /** Sort the rows of the table in view. @param {import("./order.js").Sort|null} sort */
  sortBy(sort) {
    this.sort = sort && {...sort, key: this.data.table.key};
    this.nextTable.take(this.data.table);
  }

  /** The size of cells for a table: the one that was chosen for its shape, or the one that fits. */
  stepFor(table) {
    if (this.model.get("mode") !== "heat") return "numbers";
    return STEPS[
      this.stepsChosen.get(`${table.rows} ${table.columns}`) ?? fittingStep(table, this.screen.view)
    ];
  }

  resizeCells(by) {
    const {table} = this.data;
    const step = clamp(STEPS.indexOf(this.stepFor(table)) + by, 0, STEPS.length - 1);
    this.stepsChosen.set(`${table.rows} ${table.columns}`, step);
    this.layOut(true);
  }

  /** Work out where everything is. `keepCell` keeps the first cell in view where it is. */
  layOut(keepCell = false) {
    if (!this.data) return;
    const {table} = this.data;
    const first = keepCell && this.firstCell();
    this.geometry = new Geometry(table, this.stepFor(table), this.data.kinds(), this.screen.view);
    const {spacerWidth, spacerHeight, columnWidth, rowHeight} = this.geometry;
    Object.assign(this.elements.spacer.style, {
      width: `${spacerWidth}px`,
      height: `${spacerHeight}px`,
    });
    this.fitHeight(spacerHeight);
    if (first) this.scrollTo({x: first.column * columnWidth, y: first.row * rowHeight});
    this.zoom.update(
      this.model.get("mode") === "heat",
      STEPS.indexOf(this.stepFor(table)),
      this.screen.view,
    );
    this.unsettle();
  }

  /** Be as high as the content, where nothing else gives the grid a height. */
  fitHeight(height) {
    if (this.tallest)
      this.elements.root.style.height = `${Math.min(this.tallest, height + SCROLLBAR)}px`;
  }

  /** The first cell in view, with the part of it that is scrolled out. */
  firstCell() {
    const {x, y} = this.offset();
    return {column: x / this.geometry.columnWidth, row: y / this.geometry.rowHeight};
  }

  /** How far the content is scrolled, in its own pixels. */
  offset() {
    const {scrollLeft, scrollTop} = this.elements.scroller;
    return {
      x: scrollLeft * (this.geometry?.ratioX ?? 1),
      y: scrollTop * (this.geometry?.ratioY ?? 1),
    };
  }

  scrollTo({x, y}) {
    this.elements.scroller.scrollTo({
      left: x / this.geometry.ratioX,
      top: y / this.geometry.ratioY,
      behavior: "instant",
    });
    this.unsettle();
  }

  /** What is in view is to be another part, size or version: until it is painted, the elements say so. */
  unsettle() {
    this.elements.root.dataset.settled = "false";
    this.aria.lag();
    this.touched();
  }

  /** Something that is shown has changed. */
  touched() {
    this.stale = true;
    this.screen.schedule();
  }

  /** Take the colours that hold now. @returns {import("./theme.js").Theme} */
  applyTheme() {
    const {root, scroller} = this.elements;
    const theme = readTheme(root);
    this.theme = theme;
    root.style.background = theme.css("paper");
    scroller.style.scrollbarColor = `${theme.css("line-2")} transparent`;
    for (const part of [this.tooltip, this.zoom]) part.applyTheme(theme);
    this.touched();
    return theme;
  }

  draw() {
    if (this.nextTable.data) this.nextTable.prepare();
    if (!this.data) return this.screen.clear(this.theme.css("paper"));
    this.nextTable.reveal();
    const frame = this.frame();
    this.data.request(frame.window);
    paint(frame);
    if (this.frames % SWEEP_FRAMES === 0) this.data.tiles.sweep(this.frames);
    this.actions.layEditor();
    return this.publishState(frame);
  }

  frame() {
    const {theme, screen, data, geometry, selection} = this;
    const heat = this.model.get("mode") === "heat";
    const {x, y} = this.offset();
    const {scrollLeft, scrollTop} = this.elements.scroller;
    return frameOf({
      context: screen.context,
      ratio: screen.ratio,
      number: ++this.frames,
      geometry,
      data,
      theme,
      heat,
      x,
      y,
      scroll: {left: scrollLeft, top: scrollTop},
      range: selection.range(),
      lines: this.nextTable.data ? null : this.linesOnScreen(),
      pending: this.pendingOnScreen(),
      hovered: this.hovered,
      active: selection.anchor,
      end: selection.end,
      shades: heat ? theme.heat : theme.tint,
      perLargest: data.table.largest > 0 ? 1 / data.table.largest : 1,
      font: `${12.5 * screen.ratio}px ${theme.mono}`,
      ink: theme.css("ink"),
      faint: theme.css("ink-3"),
    });
  }

  /** The cells that were typed into and are not calculated yet, with what was typed. */
  pendingOnScreen() {
    const pending = this.model.get("pending");
    if (!pending || pending.key !== this.data.table.key) return null;
    const [first, last] = this.selection.onScreen(
      {row: pending.row, column: pending.column},
      {row: pending.row_end, column: pending.column_end},
      this.data.table.rows,
    );
    const rows = {row: first.row, rowEnd: last.row + 1};
    return {...rows, column: first.column, columnEnd: last.column + 1, text: pending.text};
  }

  linesOnScreen() {
    const lines = this.model.get("lines");
    return lines?.row === undefined ? lines : {...lines, row: this.data.order.place(lines.row)};
  }

  /** Tell tests and screen readers what is shown; the latter once scrolling rests. */
  publishState(frame) {
    const settled = !this.nextTable.data && this.data.settled(frame.window);
    const {key, version, editable, label} = this.data.table;
    const {dataset} = this.elements.root;
    const state = {key: String(key), version: String(version), settled: String(settled)};
    for (const [name, value] of Object.entries(state))
      if (dataset[name] !== value) dataset[name] = value;
    const rest = this.scrolledAt + REST_MS - performance.now();
    clearTimeout(this.resting);
    if (rest > 0) {
      this.aria.lag();
      this.resting = setTimeout(() => this.touched(), rest + 1);
    } else if (this.stale) {
      this.stale = false;
      this.aria.update(frame, {
        settled,
        label: label ?? `Table ${key}`,
        editable: Boolean(editable),
      });
    }
  }
}

/**
 * Put a grid into an element, as large as the element.
 * @param {HTMLElement} el
 * @param {any} model
 * @param {{tallest?: number}} [options] as high as its table instead, up to so many pixels
 */
export function mountGrid(el, model, {tallest = 0} = {}) {
  const grid = new Grid(el, model, tallest);
  return {
    destroy: () => grid.destroy(),
    focus: () => grid.focus(),
    repaint: () => grid.applyTheme(),
  };
}

/** anywidget's entry. @returns what takes the grid away again */
function render({model, el}) {
  return mountGrid(el, model, {tallest: TALLEST}).destroy;
}

export default {render};
