/** @file One cell of the scratch sheet: its heading, its editor, what came of it. */
import {html, useRef} from "../../vendor/ui.js";
import {book} from "../../state.js";
import {interrupt} from "../../actions.js";
import {CodeEditor} from "../../editor.js";
import {
  cells,
  folded,
  isEdited,
  move,
  names,
  pausedAt,
  remove,
  results,
  run,
  write,
} from "./cells.js";
import {Result} from "./result.js";
import {addBelow, focusEditor} from "./focus.js";

/** @param {{cell: import("./cells.js").Cell, place: number}} props */
export function CellPart({cell, place}) {
  const result = results.value[cell.cell];
  const busy = result?.state === "running" || result?.state === "asked";
  const isFolded = folded.value.has(cell.cell);
  const title = `Cell ${place + 1}${cell.name ? `, ${cell.name}` : ""}`;
  const marked = result?.state === "error" && Boolean(result.line) && !isEdited(cell);
  const onKey = (event) => {
    if (event.key !== "Enter" || !event.shiftKey || event.target.matches("button, select")) return;
    event.preventDefault();
    event.stopPropagation();
    runAndGoOn(cell.cell, place);
  };
  return html`
    <article class=${`sc-cell ${stateOf(cell, result)}`} id=${`cell-${cell.cell}`}
      aria-label=${title}>
      <div class="sc-rail">
        <span class="callout" aria-hidden="true">${place + 1}</span>
        <${RunButton} cell=${cell} title=${title} busy=${busy} />
        <span class="sc-count" title="how many times it has run">
          ${result?.count ? `[${result.count}]` : ""}
        </span>
      </div>
      <div class="sc-body" onKeyDownCapture=${onKey}>
        <${Heading} ...${{cell, place, result, busy, isFolded, title}} />
        ${
          isFolded
            ? html`
              <p class="sc-folded">
                <code>${cell.source.split("\n").find((line) => line.trim()) ?? "empty"}</code>
                <span class="quiet">${result?.shape_words}</span>
              </p>
            `
            : html`
              <${Editor} ...${{cell, result, title, marked}} />
              ${result?.count > 0 && html`<${Result} ...${{cell, result, marked}} />`}
            `
        }
      </div>
    </article>
  `;
}

function Editor({cell, result, title, marked}) {
  return html`
    <${CodeEditor} key=${cell.kind} source=${cell.source}
      language=${cell.kind === "formula" ? "formula" : "python"} label=${title}
      minLines=${cell.kind === "formula" ? 1 : 3} maxLines=${28} completions=${completions()}
      errorLine=${marked ? result.line : undefined}
      errorMessage=${marked ? result.message.split("\n")[0] : undefined}
      currentLine=${pausedAt.value?.cell === cell.cell ? pausedAt.value?.line : undefined}
      onChange=${(source) => write(cell.cell, {source})} onRun=${() => run(cell.cell)} />
  `;
}

let offered = /** @type {{names: any, list: any[]}} */ ({names: null, list: []});

/**
 * The names that a cell can use, as the editor offers them; the same list as long as the names are
 * the same.
 */
function completions() {
  if (offered.names !== names.value) {
    offered = {
      names: names.value,
      list: names.value.map(({name, kind, words}) => ({label: name, detail: kind, info: words})),
    };
  }
  return offered.list;
}

function RunButton({cell, title, busy}) {
  if (busy) {
    return html`
      <button class="sc-run busy" aria-label=${`Interrupt ${title}`} title="Interrupt"
        onClick=${interrupt}>
        <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M5 5h6v6H5z" /></svg>
      </button>
    `;
  }
  return html`
    <button class="sc-run" aria-label=${`Run ${title}`}
      title="Run: Ctrl+Enter. Run and go on: Shift+Enter" disabled=${!book.value.trusted}
      onClick=${() => run(cell.cell)}>
      <svg viewBox="0 0 16 16" aria-hidden="true"><path d="m6 4 6 4-6 4z" /></svg>
    </button>
  `;
}

function Heading({cell, place, result, busy, isFolded, title}) {
  const last = place === cells.value.length - 1;
  const fold = () => {
    const set = new Set(folded.value);
    if (!set.delete(cell.cell)) set.add(cell.cell);
    folded.value = set;
  };
  return html`
    <header class="sc-head">
      <select class="sc-kind" aria-label=${`Kind of ${title}`} value=${cell.kind}
        onChange=${(event) => write(cell.cell, {kind: event.currentTarget.value})}>
        <option value="formula">formula</option>
        <option value="code">code</option>
      </select>
      <input class="sc-name" aria-label=${`Name of ${title}`} placeholder="name"
        size=${Math.max(5, cell.name.length)} maxlength="60" spellcheck=${false}
        autocomplete="off" value=${cell.name}
        onInput=${(event) => write(cell.cell, {name: event.currentTarget.value.trim()})} />
      <span class="sc-state">${stateWords(cell, result)}</span>
      <span class="sc-time number" title="how long it took">
        ${result?.count && !busy ? duration(result.seconds) : ""}
      </span>
      <span class="sc-acts">
        <${Act} words="Run all cells from the first down to this one"
          disabled=${!book.value.trusted || busy} path="M3 3h10M8 5v7m-3-3 3 3 3-3"
          act=${() => run(cell.cell, "cell_run_to")} title=${title} />
        <${Act} words="Move up" disabled=${place === 0} path="M8 13V3M4 7l4-4 4 4"
          act=${() => moveBy(cell.cell, place, -1)} title=${title} />
        <${Act} words="Move down" disabled=${last} path="M8 3v10m4-4-4 4-4-4"
          act=${() => moveBy(cell.cell, place, 1)} title=${title} />
        <${Act} words=${isFolded ? "Unfold" : "Fold"}
          path=${isFolded ? "m4 6 4 4 4-4" : "m4 10 4-4 4 4"} act=${fold} title=${title} />
        <${Act} words="Delete" path="m4 4 8 8m0-8-8 8" act=${() => remove(cell.cell)}
          title=${title} />
      </span>
    </header>
  `;
}

function Act({words, path, act, title, disabled = false}) {
  const button = useRef(null);
  const click = async () => {
    await act();
    // Moving a cell in the page takes the focus away from it.
    requestAnimationFrame(
      () => button.current?.isConnected && !button.current.disabled && button.current.focus(),
    );
  };
  return html`
    <button class="icon" ref=${button} title=${words} aria-label=${`${words}: ${title}`}
      disabled=${disabled} onClick=${click}>
      <svg viewBox="0 0 16 16" aria-hidden="true"><path d=${path} /></svg>
    </button>
  `;
}

const moveBy = (id, place, by) => move(id, place + by);

/** Run a cell and go to the next one; after the last, to a new one. */
function runAndGoOn(id, place) {
  if (book.value.trusted) run(id);
  const next = cells.value[place + 1];
  if (next) focusEditor(next.cell);
  else addBelow(cells.value[place].kind, id);
}

function stateOf(cell, result) {
  if (!result) return "fresh";
  if (result.state !== "running" && result.state !== "asked" && isEdited(cell)) return "stale";
  return result.state;
}

const WORDS = {
  fresh: "not run",
  asked: "waiting",
  running: "running",
  done: "",
  error: "error",
  stale: "stale",
};

function stateWords(cell, result) {
  const state = stateOf(cell, result);
  if (state === "running" && pausedAt.value?.cell === cell.cell)
    return `paused before line ${pausedAt.value?.line}`;
  return state === "stale" && isEdited(cell) ? "changed since it ran" : WORDS[state];
}

function duration(seconds) {
  if (seconds >= 10) return `${seconds.toFixed(0)} s`;
  if (seconds >= 1) return `${seconds.toFixed(2)} s`;
  const milliseconds = seconds * 1000;
  return `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`;
}
