/** @file The page to read: which table is in sight, and its words. */
import {
  edited,
  element,
  exactly,
  labelOf,
  matrixOf,
  moved,
  snapshot,
  tables,
  visible,
} from "./data.js";
import {Grid} from "./grid.js";
import {link, map, notes, top} from "./parts.js";

const nav = element("nav", {className: "map", "aria-label": "The model"});
const list = element("div", {});
const filter = element("input", {
  className: "field",
  type: "search",
  placeholder: "Find a table",
  "aria-label": "Find a table",
  oninput: () => drawMap(),
});
const head = element("div", {className: "table-head"});
const words = element("div", {className: "table-words"});
const answer = element("p", {className: "cell-line mono", role: "status"});
const grid = new Grid((cell) => tell(cell));

let table = tables.get(snapshot.shown.table) ?? snapshot.tables[0];
let chosen = {...snapshot.shown.select};

function show() {
  document.title = `${table.name} · Cutaway`;
  drawHead();
  drawMap();
  grid.show(matrixOf(table, chosen));
}

function drawMap() {
  list.replaceChildren(...map(table.name, filter.value).filter(Boolean));
}

function drawHead() {
  head.replaceChildren(
    table.number ? element("span", {className: "callout"}, table.number) : "",
    element("h1", {}, table.name),
    edited.has(table.name)
      ? element("span", {className: "changed small"}, "✎ edited")
      : moved.has(table.name)
        ? element("span", {className: "changed small"}, "★ moved by a change")
        : "",
    ...table.axes.slice(0, -2).map(pageChooser),
    element("span", {className: "quiet small push"}, table.shape_words),
  );
  const other = table.formula_before && table.formula !== table.formula_before;
  const made = table.formula ?? "";
  words.replaceChildren(
    ...[
      made &&
        element(
          "p",
          {className: `formula${other ? " rewritten" : ""}`},
          element("i", {className: "fx"}, "fx"),
          element("code", {}, made),
          other && element("s", {className: "quiet mono small"}, table.formula_before),
        ),
      element(
        "p",
        {},
        table.explanation,
        table.origin && element("span", {className: "quiet"}, ` ${table.origin}`),
      ),
      (table.edits ?? []).length > 0 &&
        element("p", {className: "changed"}, `Typed over: ${table.edits.join("; ")}`),
      element(
        "p",
        {className: "small links"},
        ...links("reads", table.precedents),
        ...links("read by", table.dependents),
      ),
      table.cut &&
        element(
          "p",
          {className: "small changed"},
          `${table.whole.join(" × ")} in the model, cut to ${table.shape.join(" × ")} for this file.`,
        ),
    ].filter(Boolean),
  );
}

function links(label, names) {
  return (names ?? []).length
    ? [
        element("span", {className: "label"}, `${label} `),
        ...names.flatMap((name) => [link(name), " "]),
      ]
    : [];
}

/** Buttons for every page of an axis: head 0, 1, 2, ... */
function pageChooser(axis, place) {
  const count = table.shape[place];
  const choose = (index) => {
    chosen = {...chosen, [axis]: index};
    drawHead();
    grid.show(matrixOf(table, chosen));
    head.querySelector(`[data-axis="${axis}"][aria-pressed="true"]`)?.focus();
  };
  return element(
    "span",
    {className: "group", role: "group", "aria-label": axis},
    element("span", {className: "label"}, axis),
    Array.from({length: count}, (_, index) =>
      element(
        "button",
        {
          className: "button",
          "data-axis": axis,
          "aria-pressed": index === (chosen[axis] ?? 0) ? "true" : "false",
          onclick: () => choose(index),
        },
        String(index),
      ),
    ),
  );
}

/** The selected cell in words, with every digit of its number. */
function tell({row, column}) {
  const matrix = grid.matrix;
  const pages = table.axes.slice(0, -2).map((axis) => `${axis} ${chosen[axis] ?? 0}`);
  const place = (axis, index) => {
    const {number, text} = labelOf(table, axis, index);
    return `${axis} ${number}${text ? ` “${visible(text)}”` : ""}`;
  };
  const places = [
    matrix.rowAxis && place(matrix.rowAxis, row),
    matrix.columnAxis && place(matrix.columnAxis, column),
  ];
  answer.replaceChildren(
    element("span", {className: "quiet"}, [...pages, ...places.filter(Boolean)].join(", ")),
    " ",
    element("strong", {id: "value"}, exactly(grid.value(row, column))),
  );
}

/** The table that the address names: a link within the file can be sent along. */
function follow() {
  let name = snapshot.shown.table;
  try {
    name = decodeURIComponent(location.hash.slice(1)) || name;
  } catch {
    return;
  }
  if (!tables.has(name) || name === table.name) return;
  table = tables.get(name);
  chosen = Object.fromEntries(
    Object.entries(chosen).filter(
      ([axis, index]) => index < (table.shape[table.axes.indexOf(axis)] ?? 0),
    ),
  );
  show();
}

nav.append(element("h2", {className: "label"}, "The model"), filter, list);
document
  .getElementById("page")
  ?.append(
    top(),
    nav,
    element("main", {className: "table-view"}, head, words, grid.host, answer),
    element(
      "aside",
      {className: "notes", "aria-label": "Changes and cells"},
      ...notes().filter(Boolean),
    ),
  );
addEventListener("hashchange", follow);
show();
follow();
