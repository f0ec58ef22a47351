/** @file The page: what stands where, the keys that hold everywhere, and the start. */
import {html, render, signal, useEffect} from "./vendor/ui.js";
import {
  book,
  cell,
  code,
  dialog,
  drawer,
  drawerOpen,
  drawing,
  here,
  openTable,
  receive,
  say,
  showError,
  showPlace,
  spoken,
  pending,
  table,
  view,
} from "./state.js";
import {ask, connect, connection, onPush} from "./server.js";
import {Top} from "./panels/top.js";
import {ModelMap} from "./panels/map.js";
import {TableView} from "./panels/table_view.js";
import {Inspector} from "./panels/inspector.js";
import {OverviewView} from "./panels/overview.js";
import {WritingView} from "./panels/writing.js";
import {Drawer} from "./panels/drawer.js";
import {Dialogs, Toasts} from "./panels/dialogs.js";
import {piece, resume} from "./panels/course/state.js";
import {keepAddress} from "./address.js";
import {lazy} from "./lazy.js";
import {goToTable, kill, redo, undo} from "./actions.js";
import {keepFocus} from "./focus.js";
import "./panels/debugger_state.js";

/** Why nothing is calculated, when the worker has given up. */
const stopped = signal("");

const VIEWS = {
  overview: OverviewView,
  lessons: lazy(() => import("./panels/lessons.js").then((made) => made.LessonsView)),
  writing: WritingView,
  surprise: lazy(() => import("./panels/surprise.js").then((made) => made.SurpriseView)),
  tokens: lazy(() => import("./panels/tokens.js").then((made) => made.TokensView)),
  scratch: lazy(() => import("./panels/scratch.js").then((made) => made.ScratchView)),
  weights: lazy(() => import("./panels/weights.js").then((made) => made.WeightsView)),
  claims: lazy(() => import("./panels/claims.js").then((made) => made.ClaimsView)),
};

const LessonColumn = lazy(() => import("./panels/course.js").then((made) => made.LessonColumn));

function Studio() {
  useEffect(() => {
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  useEffect(() => {
    if (book.value) resume();
  }, [Boolean(book.value)]);
  if (connection.value === "refused") return html`<${Refused} />`;
  if (!book.value) return html`<${Starting} />`;
  const View = VIEWS[view.value];
  return html`
    <div class=${`studio ${piece.value ? "with-lesson" : ""}`}
      data-pending=${pending.value && (pending.value.range ? "cells" : "all")}>
      <${Top} />
      ${piece.value ? html`<${LessonColumn} />` : html`<${ModelMap} />`}
      ${
        View
          ? html`
            <main class="view" id="view" tabindex="-1" aria-label=${view.value}><${View} /></main>
          `
          : html`
            <${TableView} />
            <${Inspector} />
          `
      }
      <${Drawer} />
      <${Toasts} />
      <${Dialogs} />
      <p class="hidden-text" role="status" aria-live="polite">${spoken.value}</p>
    </div>
  `;
}

function Starting() {
  return html`
    <main class="starting">
      <p class="busy">
        ${connection.value === "lost" ? "Waiting for Cutaway …" : "Opening the workbook …"}
      </p>
      ${
        stopped.value &&
        html`
          <p class="bad" role="alert">${stopped.value}</p>
          <p>
            <button class="button primary" onClick=${() => {
              stopped.value = "";
              kill();
            }}>Start again</button>
          </p>
        `
      }
    </main>
  `;
}

function Refused() {
  return html`
    <main class="starting">
      <h1>This page has no key</h1>
      <p>
        Only the address that <code>cutaway open</code> prints opens the workbook: it holds a
        key that nobody else has.
      </p>
      <p>Look into the terminal where it runs, and open that address in this tab.</p>
    </main>
  `;
}

/** Keys that hold wherever one is. */
function onKey(event) {
  const command = event.ctrlKey || event.metaKey;
  const typing = event
    .composedPath()[0]
    ?.matches?.("input, textarea, select, [contenteditable=true]");
  const act = {
    k: () => {
      dialog.value = "palette";
    },
    g: () => {
      if (view.value === "table") dialog.value = "goto";
    },
    z: () => {
      if (!typing) undo();
    },
    y: () => {
      if (!typing) redo();
    },
    Z: () => {
      if (!typing) redo();
    },
    "[": () => goToTable("precedents"),
    "]": () => goToTable("dependents"),
  }[event.key];
  if (command && !event.altKey && act) {
    if (typing && "zyZ".includes(event.key)) return;
    event.preventDefault();
    act();
  } else if (event.key === "?" && !typing && !command) {
    event.preventDefault();
    dialog.value = "help";
  }
}

onPush("state", receive);
onPush("worker", (message) => {
  if (book.value)
    book.value = {...book.value, worker: {state: message.state, doing: message.doing}};
  stopped.value = message.state === "stopped" ? message.doing : "";
});
onPush("note", (message) => say(message.text, message.kind));
onPush("paused", () => {
  code.value = true;
  drawer.value = "debugger";
  drawerOpen.value = true;
});
addEventListener("unhandledrejection", (event) => {
  if (event.reason?.kind) {
    event.preventDefault();
    showError(event.reason);
  }
});

keepAddress(Object.keys(VIEWS));
connect();
const root = /** @type {HTMLElement} */ (document.getElementById("app"));
root.replaceChildren();
render(html`<${Studio} />`, root);
keepFocus();

// What tests and the console of the browser may use.
globalThis.cutaway = {ask, book, openTable, showPlace, here, cell, drawing, table};
