/**
 * @file The address: the place that is shown stands in its fragment, and the places before it in the
 * browser's history, each as it was left. The page's key is never in it.
 *
 *     #table/h3.attention?head=1&cell=5.1&as=heat&tab=compare
 */
import {batch, effect} from "./vendor/ui.js";
import {fragmentOf, placeIn} from "./place.js";
import {
  book,
  cell,
  depth,
  drawer,
  drawerOpen,
  drawing,
  here,
  lines,
  reveal,
  select,
  table,
  trail,
  view,
} from "./state.js";

/** @typedef {import("./place.js").Address} Address */

const REST_MS = 250; // a browser refuses an address that changes too often
/** Show a place that was left or typed, without a new entry in the history. @param {Address} place */
function restore(place) {
  batch(() => {
    view.value = place.view ?? "overview";
    if (place.tab) drawer.value = place.tab;
    drawerOpen.value = Boolean(place.tab);
    if (!place.table) return;
    table.value = place.table;
    select.value = place.select ?? {};
    drawing.value = place.drawing ?? "numbers";
    lines.value = place.lines ?? null;
    trail.value = place.trail ?? [];
    cell.value = null;
    reveal.value = place.cell ? {...place.cell, nonce: Math.random()} : null;
  });
}

/** What makes another entry in the history: another view, or another table. */
const page = (place) => (place.view === "table" ? place.table : place.view);

/** Follow the page with the address, and the browser's buttons with the page. @param {string[]} views */
export function keepAddress(views) {
  const known = (place) => place && (place.view === "table" || views.includes(place.view));
  let last = /** @type {Address | null} */ (null);
  let resting = 0;
  const write = (place, how) => {
    const path = location.pathname + fragmentOf(place);
    history[how]({place, depth: depth.value}, "", path);
  };
  const start = history.state?.place ?? placeIn(location.hash);
  if (known(start) && page(start) !== "overview") restore(start);
  depth.value = history.state?.depth ?? 0;
  addEventListener("popstate", (event) => {
    const place = event.state?.place ?? placeIn(location.hash);
    if (!known(place)) return;
    clearTimeout(resting);
    depth.value = event.state?.depth ?? depth.value + 1;
    last = place;
    restore(place);
  });
  effect(() => {
    const place = {...here(), ...(drawerOpen.value ? {tab: drawer.value} : {})};
    if (!book.value) return;
    clearTimeout(resting);
    if (last && page(place) !== page(last)) {
      write(last, "replaceState");
      depth.value += 1;
      write(place, "pushState");
    } else resting = setTimeout(() => write(place, "replaceState"), REST_MS);
    last = place;
  });
}
