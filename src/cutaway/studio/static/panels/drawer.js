/** @file The lower drawer: changes, comparing, writing, console, debugger. */
import {html, signal, useRef} from "../vendor/ui.js";
import {book, drawer, drawerOpen} from "../state.js";
import {canRedo, canUndo, redo, reset, undo} from "../actions.js";
import {ChangesTab} from "./changes.js";
import {CompareTab} from "./compare.js";
import {GenerateTab} from "./generate.js";
import {ConsoleTab} from "./console.js";
import {lazy} from "../lazy.js";

const DebuggerTab = lazy(() => import("./debugger.js").then((made) => made.DebuggerTab));

/** How high the visitor made it, in pixels; 0 until then. */
const height = signal(Number(localStorage.getItem("cutaway-drawer")) || 0);

const TABS = {
  changes: ["Changes", ChangesTab],
  compare: ["Compare", CompareTab],
  generate: ["Generate", GenerateTab],
  console: ["Console", ConsoleTab],
  debugger: ["Debugger", DebuggerTab],
};

export function Drawer() {
  const Shown = TABS[drawer.value][1];
  const count = book.value.cursor;
  return html`
    <section class=${`drawer ${drawerOpen.value ? "" : "closed"}`}
      style=${height.value ? {"--drawer": `${height.value}px`} : null} aria-label="Drawer">
      <${Handle} />
      <div class="tabs" role="tablist" aria-label="Drawer" onKeyDown=${onArrow}>
        ${Object.entries(TABS).map(
          ([key, [words]]) => html`
            <button key=${key} class="tab" role="tab" id=${`tab-${key}`}
              aria-selected=${drawer.value === key} tabindex=${drawer.value === key ? 0 : -1}
              aria-controls="drawer-body" onClick=${() => {
                drawer.value = key;
                drawerOpen.value = true;
              }}>
              ${words}
              ${key === "changes" && count > 0 ? ` (${count})` : ""}
            </button>
          `,
        )}
      </div>
      <div class="drawer-body" id="drawer-body" role="tabpanel"
        aria-labelledby=${`tab-${drawer.value}`} tabindex="0"><${Shown} /></div>
      <${Steps} />
    </section>
  `;
}

function Steps() {
  return html`
    <div class="drawer-steps row">
      <button class="button" disabled=${!canUndo()} onClick=${undo} title="Ctrl+Z">Undo</button>
      <button class="button" disabled=${!canRedo()} onClick=${redo} title="Ctrl+Y">Redo</button>
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

/** The upper edge, which the mouse and the arrow keys move. */
function Handle() {
  const from = useRef(null);
  const now = (event) => height.value || event.target.parentElement.offsetHeight;
  const set = (pixels) => {
    height.value = Math.round(Math.min(innerHeight * 0.7, Math.max(96, pixels)));
    localStorage.setItem("cutaway-drawer", String(height.value));
  };
  return html`
    <div class="drawer-handle" role="separator" aria-orientation="horizontal"
      aria-label="Height of the drawer" tabindex="0" aria-valuenow=${height.value || 216}
      aria-valuemin="96" aria-valuemax="900" onPointerDown=${(event) => {
        event.target.setPointerCapture(event.pointerId);
        from.current = event.clientY + now(event);
      }}
      onPointerMove=${(event) => {
        if (from.current !== null) set(from.current - event.clientY);
      }}
      onPointerUp=${() => {
        from.current = null;
      }}
      onKeyDown=${(event) => {
        const by = {ArrowUp: 24, ArrowDown: -24}[event.key];
        if (by) {
          event.preventDefault();
          set(now(event) + by);
        }
      }}></div>
  `;
}

/** The arrow keys go from tab to tab, as in every list of tabs. */
function onArrow(event) {
  const keys = Object.keys(TABS);
  const by = {ArrowRight: 1, ArrowLeft: -1}[event.key];
  if (!by) return;
  event.preventDefault();
  drawer.value = keys[(keys.indexOf(drawer.value) + by + keys.length) % keys.length];
  drawerOpen.value = true;
  document.getElementById(`tab-${drawer.value}`)?.focus();
}
