/**
 * @file A table in a notebook: its name, formula and shape, the page to choose, and the grid.
 *
 * Beside what the grid reads (grid/grid.js), the model holds
 *   caption  {name, formula, origin, shape, pages: [{axis, count}], moved}: moved is how many
 *     numbers moved, or null
 *   page     {axis: index}; read and written
 * and says {error: text} when what was typed cannot be done.
 */
// "cutaway-grid" stands for the grid's bundle: Python writes its address here.
// @ts-ignore
import {mountGrid} from "cutaway-grid";

const TALLEST = 460;
/** An axis with more pages than this is chosen from a list. */
const MOST_BUTTONS = 16;
/** How long Python may take to answer before the table says why it is empty. */
const PATIENCE_MS = 500;
/** The grid's own requests have larger numbers. */
const FIRST_REQUEST = 0;
const MODES = {numbers: "Numbers", heat: "Heat"};

function element(tag, className, properties = {}, attributes = {}) {
  const made = Object.assign(document.createElement(tag), {className, ...properties});
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

/** Buttons of which one is pressed. @returns {{root: HTMLElement, press: (key: string) => void}} */
function buttons(label, words, choose) {
  const root = element("span", "cutaway-group", {}, {role: "group", "aria-label": label});
  for (const [key, text] of words) {
    const named = text === key ? {"aria-label": `${label} ${key}`} : {};
    const one = element(
      "button",
      "",
      {type: "button", textContent: text},
      {"data-key": key, ...named},
    );
    one.addEventListener("click", () => choose(key));
    root.append(one);
  }
  const press = (key) => {
    for (const one of root.children)
      one.setAttribute("aria-pressed", String(one.dataset.key === key));
  };
  return {root, press};
}

/** A list of many pages. */
function list(label, words, choose) {
  const root = element("select", "", {}, {"aria-label": label});
  for (const [key, text] of words)
    root.append(element("option", "", {value: key, textContent: text}));
  root.addEventListener("change", () => choose(root.value));
  return {
    root,
    press: (key) => {
      root.value = key;
    },
  };
}

/** What chooses the index of one axis, with the axis's name in front. */
function pager(model, {axis, count}) {
  const words = Array.from({length: count}, (_, index) => [String(index), String(index)]);
  const choose = (key) => {
    model.set("page", {...model.get("page"), [axis]: Number(key)});
    model.save_changes();
  };
  const {root, press} = (count > MOST_BUTTONS ? list : buttons)(axis, words, choose);
  const whole = element("span", "cutaway-group");
  whole.append(element("span", "cutaway-word", {textContent: axis}), root);
  return {whole, update: () => press(String(model.get("page")[axis]))};
}

/** The line over the grid. @returns what brings it up to date */
function head(model, root) {
  const name = element("span", "cutaway-name");
  const formula = element("span", "cutaway-formula");
  const shape = element("span", "cutaway-faint");
  const pages = element("span", "cutaway-controls");
  const modes = buttons("Drawn as", Object.entries(MODES), (mode) => {
    model.set("mode", mode);
    model.save_changes();
  });
  const controls = element("span", "cutaway-controls");
  controls.append(pages, modes.root);
  root.append(name, formula, shape, controls);
  let pagers = [];
  let offered;
  return () => {
    const caption = model.get("caption");
    name.textContent = caption.name;
    formula.textContent = caption.formula ? `= ${caption.formula}` : "";
    shape.textContent = caption.shape;
    if (offered !== JSON.stringify(caption.pages)) {
      offered = JSON.stringify(caption.pages);
      pagers = caption.pages.map((page) => pager(model, page));
      pages.replaceChildren(...pagers.map(({whole}) => whole));
    }
    for (const {update} of pagers) update();
    modes.press(model.get("mode"));
  };
}

function movedWords(moved) {
  if (moved === null) return "";
  return moved
    ? `outlined: ${moved.toLocaleString("en")} ${moved === 1 ? "number" : "numbers"} moved`
    : "nothing moved";
}

/** The line below the grid: what the grid or Python says; how much moved, and where the numbers come from. */
function foot(model, root) {
  const said = element("span", "cutaway-faint", {}, {role: "status"});
  const answer = element("span", "cutaway-faint");
  root.append(said, answer);
  const update = () => {
    const {moved, origin} = model.get("caption");
    answer.textContent = [movedWords(moved), origin].filter(Boolean).join(" · ");
  };
  const say = (text, error = false) => {
    said.textContent = text;
    said.dataset.error = String(error);
  };
  return {update, say};
}

/** The model as the grid sees it: what the grid says to the reader stays here. */
function modelOfGrid(model, say) {
  return {
    get: (name) => model.get(name),
    set: (name, value) => model.set(name, value),
    save_changes: () => model.save_changes(),
    on: (event, listener) => model.on(event, listener),
    off: (event, listener) => model.off(event, listener),
    send: (message) => {
      if (message.do === "say") say(message.text);
      else model.send(message);
    },
  };
}

/**
 * Resolves once an element has its place in the page, and with it its colours: Jupyter renders a
 * widget before that.
 */
function laidOut(place) {
  return new Promise((resolve) => {
    new ResizeObserver((_, observer) => {
      if (!place.clientWidth) return;
      observer.disconnect();
      resolve(undefined);
    }).observe(place);
  });
}

/** Resolves once Python answers: behind other cells that run, the grid would give up on its labels. */
function answered(model) {
  return new Promise((resolve) => {
    const hear = (content) => {
      if (content?.re !== FIRST_REQUEST) return;
      model.off("msg:custom", hear);
      resolve(undefined);
    };
    model.on("msg:custom", hear);
    model.send({
      do: "labels",
      key: model.get("table").key,
      axis: "row",
      first: 0,
      count: 1,
      request: FIRST_REQUEST,
    });
  });
}

/** Keep a notebook from taking the keys of a table for its own: an x would cut the whole cell. */
function keepKeys(root) {
  // JupyterLab listens before anybody, and heeds this only on the very element that has the focus.
  root.addEventListener("focusin", ({target}) =>
    target.setAttribute("data-lm-suppress-shortcuts", "true"),
  );
  root.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
  });
}

function render({model, el}) {
  const root = element("div", "cutaway-table");
  keepKeys(root);
  const [top, place, bottom] = ["head", "place", "foot"].map((part) =>
    element("div", `cutaway-${part}`),
  );
  root.append(top, place, bottom);
  el.append(root);
  const updateHead = head(model, top);
  const {update: updateFoot, say} = foot(model, bottom);
  const update = () => {
    updateHead();
    updateFoot();
  };
  const hear = (content) => {
    if (content?.error && content.re === undefined) say(content.error, true);
  };
  const clear = () => say("");
  const listeners = {
    "change:caption": update,
    "change:page": update,
    "change:mode": update,
    "change:table": clear,
    "msg:custom": hear,
  };
  for (const [event, listener] of Object.entries(listeners)) model.on(event, listener);
  update();
  let grid = /** @type {any} */ (null);
  let gone = false;
  const waiting = setTimeout(
    () => say("Python is busy: the numbers come when it is free."),
    PATIENCE_MS,
  );
  Promise.all([laidOut(place), answered(model)]).then(() => {
    clearTimeout(waiting);
    say("");
    if (!gone) grid = mountGrid(place, modelOfGrid(model, say), {tallest: TALLEST});
  });
  return () => {
    gone = true;
    clearTimeout(waiting);
    grid?.destroy();
    for (const [event, listener] of Object.entries(listeners)) model.off(event, listener);
    root.remove();
  };
}

export default {render};
