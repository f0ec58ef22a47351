/** @file The lower drawer: changes, comparing, writing, console, debugger. */
import {html} from "../vendor/ui.js";
import {book, code, drawer, drawerOpen, view} from "../state.js";
import {canUndo, reset} from "../actions.js";
import {ChangesTab} from "./changes.js";
import {CompareTab} from "./compare.js";
import {GenerateTab} from "./generate.js";
import {ConsoleTab} from "./console.js";
import {lazy} from "../lazy.js";
import {Edge, keptSize} from "./edge.js";
import {CODE, TABS} from "./tabs.js";

const DebuggerTab = lazy(() => import("./debugger.js").then((made) => made.DebuggerTab));

const height = keptSize("cutaway-drawer");

const SHOWN = {
  changes: ChangesTab,
  compare: CompareTab,
  generate: GenerateTab,
  console: ConsoleTab,
  debugger: DebuggerTab,
};

/** The tabs that are offered: code's behind its switch; writing is no tab where it has the page. */
const offered = () =>
  Object.keys(TABS).filter(
    (key) => (code.value || !CODE.has(key)) && !(key === "generate" && view.value === "writing"),
  );

function switchCode() {
  code.value = !code.value;
  localStorage.setItem("cutaway-code", code.value ? "1" : "");
}

export function Drawer() {
  const tabs = offered();
  const chosen = tabs.includes(drawer.value) ? drawer.value : "changes";
  const Shown = SHOWN[chosen];
  const count = book.value.cursor;
  return html`
    <section class=${`drawer ${drawerOpen.value ? "" : "closed"}`}
      style=${height.value ? {"--drawer": `${height.value}px`} : null} aria-label="Drawer">
      <${Edge} size=${height} words="Height of the drawer" side="top" least=${96} most=${900} />
      <div class="tabs" role="tablist" aria-label="Drawer" onKeyDown=${onArrow}>
        ${tabs.map(
          (key) => html`
            <button key=${key} class="tab" role="tab" id=${`tab-${key}`}
              aria-selected=${chosen === key} tabindex=${chosen === key ? 0 : -1}
              aria-controls="drawer-body" onClick=${() => {
                drawer.value = key;
                drawerOpen.value = true;
              }}>
              ${TABS[key]}
              ${key === "changes" && count > 0 ? ` (${count})` : ""}
            </button>
          `,
        )}
      </div>
      <div class="drawer-body" id="drawer-body" role="tabpanel"
        aria-labelledby=${`tab-${chosen}`} tabindex="0"><${Shown} /></div>
      <${Steps} />
    </section>
  `;
}

function Steps() {
  return html`
    <div class="drawer-steps row">
      <button class="button" aria-pressed=${code.value} onClick=${switchCode}
        title="For programmers: the console, the debugger, and Step into">Code</button>
      <button class="button" disabled=${!canUndo()} onClick=${reset}
        title="Back before all changes; redo brings them again">Reset</button>
      <button class="icon" aria-expanded=${drawerOpen.value} aria-controls="drawer-body"
        aria-label=${drawerOpen.value ? "Fold the drawer" : "Unfold the drawer"}
        onClick=${() => {
          drawerOpen.value = !drawerOpen.value;
        }}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d=${drawerOpen.value ? "m4 6 4 4 4-4" : "m4 10 4-4 4 4"} />
        </svg>
      </button>
    </div>
  `;
}

/** The arrow keys go from tab to tab, as in every list of tabs. */
function onArrow(event) {
  const keys = offered();
  const by = {ArrowRight: 1, ArrowLeft: -1}[event.key];
  if (!by) return;
  event.preventDefault();
  drawer.value = keys[(keys.indexOf(drawer.value) + by + keys.length) % keys.length];
  drawerOpen.value = true;
  document.getElementById(`tab-${drawer.value}`)?.focus();
}
