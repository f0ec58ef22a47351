/** @file The debugger: where the code is paused, its source, its values, and the ways to go on. */
import {html, useRef} from "../vendor/ui.js";
import {CodeEditor} from "../editor.js";
import {interrupt} from "../actions.js";
import {book, view, table} from "../state.js";
import {
  COMMANDS,
  go,
  going,
  pause,
  paused,
  stepInto,
  unwatch,
  watch,
  watched,
} from "./debugger_state.js";
import {Value} from "./debugger_values.js";

/** The tab of the drawer. */
export function DebuggerTab() {
  if (paused.value) return html`<${Paused} at=${paused.value} />`;
  return book.value?.worker?.state === "busy" ? html`<${Running} />` : html`<${HowToStart} />`;
}

function HowToStart() {
  return html`
    <section class="debugger-idle" aria-label="Debugger">
      <p>Nothing is paused. There are two ways to stop the machine and look inside:</p>
      <ol>
        <li>
          <p>Write <code>breakpoint()</code> into a code cell and run it. It stops there.</p>
          <button class="button" type="button" onClick=${() => {
            view.value = "scratch";
          }}>Open the scratch sheet</button>
        </li>
        <li>
          <p>Step into any table: its formula is calculated once more, line by line.</p>
          <button class="button" type="button" onClick=${() => stepInto(table.value)}>
            Step into <code>${table.value}</code>
          </button>
        </li>
      </ol>
      <p class="quiet">
        While it stands still, F10 does one line, F11 goes into what the line calls, F5 lets it
        run on. Every table in reach is shown as it is at that moment.
      </p>
    </section>
  `;
}

function Running() {
  const {doing} = book.value.worker;
  return html`
    <section class="debugger-idle" aria-label="Debugger">
      <p class="busy" role="status">Running${doing ? `: ${doing}` : ""} …</p>
      <p class="row">
        <button class="button" type="button" onClick=${pause}>Pause at the next line</button>
        <button class="button" type="button" onClick=${interrupt}>Interrupt</button>
      </p>
    </section>
  `;
}

function Paused({at}) {
  const wrong = at.event === "raised";
  return html`
    <section class="debugger" aria-label="Debugger" aria-busy=${going.value}>
      <div class="debugger-bar">
        <p class="debugger-place" role="status">${placeWords(at)}</p>
        <${Commands} />
      </div>
      <div class="debugger-source">
        <${CodeEditor} source=${at.source} readOnly=${true}
          label=${`Source of ${whereWords(at.where)}`} maxLines=${400}
          currentLine=${wrong ? null : at.line} errorLine=${wrong ? at.line : null}
          errorMessage=${wrong ? at.raised : null} />
      </div>
      <div class="debugger-values" tabindex="0" role="group" aria-label="Values in reach">
        <h3 class="label">Values in reach</h3>
        ${at.locals.length === 0 && html`<p class="quiet">None yet.</p>`}
        <ul>
          ${at.locals.map(
            (one) => html`
              <${Value} key=${one.name} value=${shownName(one, at)}
                changed=${at.changed.has(one.name)} />
            `,
          )}
        </ul>
      </div>
      <div class="debugger-side" tabindex="0" role="group" aria-label="Watched, and called from">
        <${Watched} at=${at} />
        <${Stack} stack=${at.stack} />
      </div>
    </section>
  `;
}

function Commands() {
  return html`
    <div class="debugger-commands" role="toolbar" aria-label="Go on">
      ${COMMANDS.map(
        ([command, words, key, shift]) => html`
          <button class=${`button ${command === "next" ? "primary" : ""}`} type="button"
            key=${command} aria-disabled=${going.value}
            aria-keyshortcuts=${key && `${shift ? "Shift+" : ""}${key}`}
            onClick=${() => go(command)}>
            ${words}
            ${
              key &&
              html`
                ${" "}
                <kbd>
                  ${shift ? "⇧" : ""}
                  ${key}
                </kbd>
              `
            }
          </button>
        `,
      )}
    </div>
  `;
}

function Watched({at}) {
  const input = useRef(null);
  const add = (event) => {
    event.preventDefault();
    const expression = input.current.value.trim();
    if (expression) watch(expression);
    input.current.value = "";
  };
  const known = new Map(at.watch.map((one) => [one.name, one]));
  return html`
    <h3 class="label">Watched</h3>
    <ul>
      ${watched.value.map(
        (expression) => html`
          <${Value} key=${expression}
            value=${known.get(expression) ?? {name: expression, text: "…"}}
            onRemove=${() => unwatch(expression)} />
        `,
      )}
    </ul>
    <form class="debugger-watch" onSubmit=${add}>
      <input class="field" ref=${input} aria-label="Expression to watch"
        placeholder="scores.max()" spellcheck=${false} autocomplete="off"
        autocapitalize="off" />
      <button class="button" type="submit">Watch</button>
    </form>
  `;
}

function Stack({stack}) {
  return html`
    <h3 class="label">Called from</h3>
    <ol class="debugger-stack">
      ${stack.map(
        (one, index) => html`
          <li aria-current=${index === 0 ? "true" : undefined}>
            ${hasName(one) && html`<code>${one.function}()</code>${" "}`}
            <span>${whereWords(one.where)}, line ${one.line}</span>
          </li>
        `,
      )}
    </ol>
  `;
}

/** The value that a function is about to return has no name of its own. */
function shownName(one, at) {
  return at.event === "gives" && one === at.locals[0] ? {...one, name: "→ returns"} : one;
}

function placeWords(at) {
  const what = {
    line: "Before line",
    gives: "About to return from line",
    raised: "An error was raised in line",
  }[at.event];
  return html`
    ${what} <b>${at.line}</b> of${" "}
    ${hasName(at) && html`<code>${at.function}()</code>,${" "}`}
    ${whereWords(at.where)}
  `;
}

/** A cell's own lines and a formula are no functions with a name. */
function hasName({function: name}) {
  return name !== "<module>" && name !== "<lambda>";
}

/** "<cell c1>" as the page calls it: the cell's name. */
function whereWords(where) {
  const cell = /^<cell ([^>]+)>$/.exec(where)?.[1];
  if (!cell) return where.replace(/^<|>$/g, "");
  const known = book.value?.cells?.find((one) => one.cell === cell);
  return `cell ${known?.name || cell}`;
}
