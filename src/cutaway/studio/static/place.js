/**
 * @file A place of the book as the fragment of an address, and back. Nothing here knows the page.
 *
 *     #table/h3.attention?head=1&cell=5.1&as=heat&tab=compare
 */

/** @typedef {import("./state.js").Place & {tab?: string}} Address `tab` of the drawer, where it is open */

/** The fields that are no axis. */
const OWN = new Set(["cell", "as", "tab"]);

/** A place as a fragment; nothing for the overview, which the bare address shows. @param {Address} place */
export function fragmentOf({view: shown, table: name, select: pages, cell: at, drawing: as, tab}) {
  const fields = new URLSearchParams();
  if (shown === "table") {
    for (const [axis, index] of Object.entries(pages ?? {})) fields.set(axis, String(index));
    if (at) fields.set("cell", rangeText(at));
    if (as && as !== "numbers") fields.set("as", as);
  }
  if (tab) fields.set("tab", tab);
  const path = shown === "table" ? `table/${name}` : shown;
  const rest = String(fields);
  if (path === "overview" && !rest) return "";
  return `#${path}${rest && `?${rest}`}`;
}

const rangeText = ({row, column, row_end: rowEnd = row, column_end: columnEnd = column}) =>
  `${row}.${column}${rowEnd === row && columnEnd === column ? "" : `-${rowEnd}.${columnEnd}`}`;

/** The place that a fragment names; null where it names none. @returns {Address | null} */
export function placeIn(fragment) {
  const found = /^#([a-z]+)(?:\/([\w.]+))?(?:\?(.*))?$/.exec(fragment);
  if (!found) return fragment ? null : {view: "overview"};
  const [, shown, name, rest = ""] = found;
  if ((shown === "table") !== Boolean(name)) return null;
  const fields = new URLSearchParams(rest);
  const tab = fields.get("tab") ?? undefined;
  if (shown !== "table") return {view: shown, tab};
  const pages = [...fields].filter(([axis, index]) => !OWN.has(axis) && /^\d+$/.test(index));
  return {
    view: shown,
    table: name,
    select: Object.fromEntries(pages.map(([axis, index]) => [axis, Number(index)])),
    cell: rangeIn(fields.get("cell") ?? ""),
    drawing: fields.get("as") ?? "numbers",
    tab,
  };
}

function rangeIn(text) {
  const found = /^(\d+)\.(\d+)(?:-(\d+)\.(\d+))?$/.exec(text);
  if (!found) return null;
  const [row, column, rowEnd, columnEnd] = found.slice(1).map(Number);
  return {row, column, ...(found[3] ? {row_end: rowEnd, column_end: columnEnd} : {})};
}
