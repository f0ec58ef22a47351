/** @file The pointer: click and drag select, a double click edits, resting tells what lies under it. */

const REST_MS = 450;
/** How many CSS pixels a frame the grid scrolls for each pixel that a drag has left it. */
const DRAG_SPEED = 0.35;

/**
 * Answer the pointer over a grid.
 * @param {HTMLElement} scroller
 * @param {import("./actions.js").GridActions} grid
 * @param {import("./tooltip.js").Tooltip} tooltip
 * @returns what stops it
 */
export function listenToPointer(scroller, grid, tooltip) {
  let drag = /** @type {any} */ (null);
  let rest = 0;

  const placeOf = (event) => {
    const box = scroller.getBoundingClientRect();
    return {
      left: event.clientX - box.left - scroller.clientLeft,
      top: event.clientY - box.top - scroller.clientTop,
    };
  };
  const onScrollbar = ({left, top}) => left >= scroller.clientWidth || top >= scroller.clientHeight;

  const stop = () => {
    if (drag) cancelAnimationFrame(drag.timer);
    drag = null;
  };

  scroller.addEventListener("pointerdown", (event) => {
    tooltip.hide();
    const place = placeOf(event);
    if (event.button !== 0 || event.pointerType === "touch" || onScrollbar(place) || !grid.ready())
      return;
    const hit = grid.at(place.left, place.top);
    if (hit.part === "outside") return;
    if (grid.onSign(place.left, hit)) {
      grid.sort(hit.column);
      return;
    }
    press(grid, hit, event.shiftKey);
    drag = {part: hit.part, place, timer: 0};
    scroller.setPointerCapture(event.pointerId);
  });

  scroller.addEventListener("pointermove", (event) => {
    const place = placeOf(event);
    clearTimeout(rest);
    if (drag) {
      drag.place = place;
      drag.timer ||= requestAnimationFrame(follow);
      return;
    }
    tooltip.hide();
    point(place);
    if (event.pointerType === "mouse" && !onScrollbar(place))
      rest = setTimeout(() => tooltip.show(place), REST_MS);
  });

  /** Show the sign of the column whose head is under the pointer. */
  function point(place) {
    const hit = grid.ready() && !onScrollbar(place) ? grid.at(place.left, place.top) : {part: ""};
    grid.hover(hit.part === "column" ? hit.column : null);
    scroller.style.cursor = hit.part === "column" && grid.onSign(place.left, hit) ? "pointer" : "";
  }

  /** Reach for the cell under the pointer, and scroll while the pointer is outside. */
  function follow() {
    if (!drag) return;
    drag.timer = 0;
    if (!grid.ready() || !grid.selection.anchor) return;
    const {left, top} = drag.place;
    const across = overshoot(left, grid.inset().left, scroller.clientWidth) * DRAG_SPEED;
    const down = overshoot(top, grid.inset().top, scroller.clientHeight) * DRAG_SPEED;
    if (drag.part !== "row") scroller.scrollLeft += across;
    if (drag.part !== "column") scroller.scrollTop += down;
    reachFor(grid, drag, left, top);
    if (across || down) drag.timer = requestAnimationFrame(follow);
  }

  scroller.addEventListener("pointerup", stop);
  scroller.addEventListener("pointercancel", stop);
  scroller.addEventListener("pointerleave", () => {
    clearTimeout(rest);
    grid.hover(null);
    tooltip.hide();
  });
  // A finger scrolls; only a tap, which ends as a click, selects.
  scroller.addEventListener("click", (event) => {
    const place = placeOf(event);
    if (event.pointerType !== "touch" || onScrollbar(place) || !grid.ready()) return;
    const hit = grid.at(place.left, place.top);
    if (hit.part !== "outside") press(grid, hit, false);
  });
  scroller.addEventListener("dblclick", (event) => {
    const {left, top} = placeOf(event);
    if (
      !onScrollbar({left, top}) &&
      grid.ready() &&
      grid.editable() &&
      grid.at(left, top).part === "cell"
    )
      grid.edit();
  });
  scroller.addEventListener("scroll", () => {
    clearTimeout(rest);
    tooltip.hide();
  });
  return () => {
    clearTimeout(rest);
    stop();
  };
}

/** How far a place is beyond an inside: negative before it, 0 within. */
function overshoot(place, least, most) {
  if (place < least) return place - least;
  return place > most ? place - most : 0;
}

/** Select what was pressed: a cell, a whole row or column, or all. With shift the range reaches to it. */
function press(grid, {part, row, column}, extend) {
  const {rows, columns} = grid.extent();
  const {anchor} = grid.selection;
  const from = extend && anchor ? anchor : {row, column};
  if (part === "cell") grid.select(from, {row, column});
  if (part === "row") grid.select({row: from.row, column: 0}, {row, column: columns - 1});
  if (part === "column") grid.select({row: 0, column: from.column}, {row: rows - 1, column});
  if (part === "corner") grid.select({row: 0, column: 0}, {row: rows - 1, column: columns - 1});
}

/** A drag that began in a cell or header goes on to the cell nearest to the pointer. */
function reachFor(grid, {part}, left, top) {
  const inset = grid.inset();
  const {row, column} = grid.at(Math.max(left, inset.left), Math.max(top, inset.top));
  const {rows, columns} = grid.extent();
  const {anchor, end} = grid.selection;
  const to = {
    row: part === "column" ? rows - 1 : row,
    column: part === "row" ? columns - 1 : column,
  };
  if (part !== "corner" && (to.row !== end.row || to.column !== end.column))
    grid.select(anchor, to);
}
