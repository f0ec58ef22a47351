/** @file The console: what was printed, cell by cell, and a line in which to ask for any expression. */
import {Component, html, useEffect, useLayoutEffect, useRef, useState} from "../vendor/ui.js";
import {ask} from "../server.js";
import {book, firstTable, say, showError} from "../state.js";
import {asText, clear, closed, entries, forgotten, lineCount, note} from "./console_log.js";

const NEAR_THE_END = 24;
const WORDS = {out: "", error: "error", asked: "you asked", value: "answer"};

/** The tab of the drawer. */
export function ConsoleTab() {
  return html`
    <section class="console" aria-label="Console">
      <${Log} />
      <div class="console-bar">
        <${AskLine} />
        <${Keep} />
      </div>
    </section>
  `;
}

/** How much there is, and what can be done with all of it. */
function Keep() {
  const count = lineCount.value;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(asText());
      say(`Copied ${words(count)}.`);
    } catch {
      say("The browser did not allow copying. Select the text and press Ctrl+C.", "error");
    }
  };
  return html`
    <span class="console-count">${count ? words(count) : "nothing printed yet"}</span>
    <button class="button" type="button" disabled=${!count} onClick=${copy}>Copy</button>
    <button class="button" type="button" disabled=${!count} onClick=${clear}>Clear</button>
  `;
}

function words(count) {
  return count === 1 ? "1 line" : `${count.toLocaleString("en")} lines`;
}

/** The entries. The view follows the newest line until the visitor scrolls up, and again from the end on. */
function Log() {
  const box = useRef(null);
  const follows = useRef(true);
  const [behind, setBehind] = useState(false);
  const shown = entries.value;
  const toEnd = () => {
    box.current.scrollTop = box.current.scrollHeight;
  };
  const scrolled = ({currentTarget: {scrollTop, clientHeight, scrollHeight}}) => {
    follows.current = scrollHeight - scrollTop - clientHeight < NEAR_THE_END;
    if (follows.current) setBehind(false);
  };
  useLayoutEffect(() => {
    if (follows.current) toEnd();
    else setBehind(shown.length > 0);
  }, [shown]);
  return html`
    <div class="console-paper">
      <div class="console-log" role="log" aria-live="off" aria-label="What was printed"
        tabindex="0" ref=${box} onScroll=${scrolled}>
        ${!shown.length && html`<${Empty} />`}
        ${
          forgotten.value > 0 &&
          html`
            <p class="console-forgotten">${words(forgotten.value)} before this are no longer kept.</p>
          `
        }
        ${shown.map(
          (entry, index) => html`
            <${EntryLines} key=${entry.key} entry=${entry} name=${heading(entry, shown[index - 1])}
              first=${shown[index - 1]?.cell !== entry.cell} />
          `,
        )}
      </div>
      ${
        behind &&
        html`
          <button class="button console-newer" type="button" onClick=${toEnd}>New lines ↓</button>
        `
      }
    </div>
  `;
}

function Empty() {
  return html`
    <p class="console-empty">
      What a code cell prints appears here. The line below answers any expression over the
      tables:
      <code>${firstTable(book.value.model)}</code>, <code>embedding(" king")</code>.
    </p>
  `;
}

/** The name of the cell that printed, where another one printed before. */
function heading(entry, before) {
  if (before && before.cell === entry.cell) return "";
  if (entry.cell === null) return before && entry.kind !== "asked" ? "workbook" : "";
  const cell = book.value?.cells?.find((one) => one.cell === entry.cell);
  return cell?.name || entry.cell;
}

/** One entry. It is drawn again only when it grew. */
class EntryLines extends Component {
  shouldComponentUpdate({entry, name, first}) {
    return entry !== this.props.entry || name !== this.props.name || first !== this.props.first;
  }

  render({entry, name, first}) {
    return html`
      <div class=${`console-entry ${entry.kind} ${first ? "first" : ""}`}>
        <div class="console-who">
          ${name && html`<span class="console-cell">${name}</span>`}
          ${WORDS[entry.kind] && html`<span class="console-kind">${WORDS[entry.kind]}</span>`}
        </div>
        <pre>${closed(entry).join("\n")}</pre>
      </div>
    `;
  }
}

/** One line for an expression: Enter asks, the arrows bring back what was asked before. */
function AskLine() {
  const input = useRef(null);
  const asked = useRef([]);
  const at = useRef(0);
  const [busy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    const source = input.current.value.trim();
    if (!source || busy) return;
    remember(asked, at, source);
    input.current.value = "";
    setBusy(true);
    await answer(source);
    setBusy(false);
  };
  const recall = (event) => {
    const step = {ArrowUp: -1, ArrowDown: 1}[event.key];
    if (!step) return;
    event.preventDefault();
    at.current = Math.max(0, Math.min(asked.current.length, at.current + step));
    input.current.value = asked.current[at.current] ?? "";
  };
  useBusyFocus(input, busy);
  return html`
    <form class="console-ask" onSubmit=${submit} aria-busy=${busy}>
      <span class="console-prompt" aria-hidden="true">›</span>
      <input class="field" ref=${input} readOnly=${busy} aria-label="Expression to ask for"
        spellcheck=${false} autocomplete="off" autocapitalize="off"
        placeholder=${busy ? "calculating…" : `${firstTable(book.value.model)}.max()`} onKeyDown=${recall} />
      ${
        busy
          ? html`
            <button class="button" type="button" key="stop" onClick=${interrupt}>Interrupt</button>
          `
          : html`<button class="button" type="submit" key="ask">Ask</button>`
      }
    </form>
  `;
}

/** When an answer has come and nothing else has the focus, the line has it again. */
function useBusyFocus(input, busy) {
  const was = useRef(false);
  useEffect(() => {
    if (was.current && !busy && document.activeElement === document.body) input.current.focus();
    was.current = busy;
  }, [busy]);
}

function remember(asked, at, source) {
  if (asked.current.at(-1) !== source) asked.current.push(source);
  at.current = asked.current.length;
}

async function answer(source) {
  note("asked", `${source}\n`);
  try {
    const {text} = await ask("cell_eval", {source});
    note("value", `${text}\n`);
  } catch (error) {
    note("error", `${error.message}\n`);
  }
}

async function interrupt() {
  try {
    await ask("interrupt");
  } catch (error) {
    showError(error);
  }
}
