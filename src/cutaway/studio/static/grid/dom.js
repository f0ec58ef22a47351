/**
 * @file The elements of the grid: a native scroller that is the ARIA grid, and a canvas over it
 * that shows the numbers.
 */

let count = 0;

/**
 * An element with some properties, attributes and styles.
 * @param {string} tag
 * @param {any} [options]
 * @returns {any}
 */
export function element(tag, {attributes = {}, style = {}, ...properties} = {}) {
  const made = Object.assign(document.createElement(tag), properties);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  Object.assign(made.style, style);
  return made;
}

const COVER = {position: "absolute", inset: "0"};
// A screen reader reads them, a pointer passes through them, the canvas above shows what they say.
const UNSEEN = {position: "absolute", left: "0", top: "0", opacity: "0", pointerEvents: "none"};

/** Build the grid's elements into a host. */
export function buildElements(host) {
  const id = `cutaway-grid-${++count}`;
  const root = element("div", {
    className: "cutaway-grid",
    // JupyterLab would take the arrow keys for its own.
    attributes: {"data-lm-suppress-shortcuts": "true", "data-settled": "false"},
    style: {
      position: "relative",
      height: "100%",
      minHeight: "0",
      overflow: "hidden",
      forcedColorAdjust: "none",
    },
  });
  const scroller = element("div", {
    tabIndex: 0,
    attributes: {role: "grid", "aria-multiselectable": "true", "aria-busy": "true"},
    style: {...COVER, overflow: "auto", outline: "none", userSelect: "none"},
  });
  const spacer = element("div", {attributes: {role: "none"}, style: {position: "relative"}});
  const mirror = element("div", {attributes: {role: "none"}, style: UNSEEN});
  const canvas = element("canvas", {
    attributes: {"aria-hidden": "true"},
    style: {position: "absolute", left: "0", top: "0", pointerEvents: "none"},
  });
  spacer.append(mirror);
  scroller.append(spacer);
  root.append(scroller, canvas);
  host.append(root);
  return {id, root, scroller, spacer, mirror, canvas};
}
