/**
 * @file The code editor as a component: a plain field at once, CodeMirror in its place when it has
 * loaded.
 */
import {html, useEffect, useLayoutEffect, useRef, useState} from "./vendor/ui.js";
import {digits, spokenLabel} from "./editor/words.js";

const ECHOES_KEPT = 200;

/**
 * An editor for a formula or for Python. Ctrl+Enter runs; Tab moves on to the next control.
 *
 * A new `source` replaces the text. While the visitor types, a text that the editor itself gave out
 * earlier is taken for an echo and left alone.
 *
 * @param {object} props
 * @param {string} props.source
 * @param {"python" | "formula"} [props.language] in a formula, Enter runs as well
 * @param {(text: string) => void} [props.onChange]
 * @param {(text: string) => void} [props.onRun]
 * @param {Array<string | {label: string, detail?: string, info?: string}>} [props.completions] names to offer
 * @param {number} [props.errorLine] the first line is 1
 * @param {string} [props.errorMessage] shown under that line
 * @param {number} [props.currentLine] where a paused program stands
 * @param {number[]} [props.breakpoints]
 * @param {(line: number) => void} [props.onToggleBreakpoint]
 * @param {string} props.label what it is, for a screen reader
 * @param {boolean} [props.readOnly]
 * @param {number} [props.minLines]
 * @param {number} [props.maxLines]
 */
export function CodeEditor(props) {
  const {source, label, language = "python", readOnly = false, minLines = 1, maxLines = 24} = props;
  const latest = useRef(props);
  const frame = useRef(null);
  const host = useRef(null);
  const field = useRef(null);
  const editor = useRef(null);
  const given = useRef(new Set());
  const [ready, setReady] = useState(false);
  latest.current = props;

  const change = (text) => {
    if (given.current.size >= ECHOES_KEPT) given.current.clear();
    given.current.add(text);
    latest.current.onChange?.(text);
  };

  useEffect(() => {
    let gone = false;
    const stop = whenSeen(frame.current, async () => {
      const {openEditor} = await import("./editor/view.js");
      if (gone) return;
      editor.current = openEditor({
        host: host.current,
        field: field.current,
        latest,
        change,
        language,
      });
      setReady(true);
    });
    return () => {
      gone = true;
      stop();
      editor.current?.close();
      editor.current = null;
      setReady(false);
    };
  }, [language]);

  useLayoutEffect(() => {
    const typing = editor.current?.hasFocus() || document.activeElement === field.current;
    if (typing && given.current.has(source)) return;
    editor.current?.replace(source);
    if (field.current && field.current.value !== source) field.current.value = source;
  }, [source]);

  useLayoutEffect(() => editor.current?.update(props));

  const size = {"--least": minLines, "--most": maxLines, "--digits": digits(source)};
  return html`
    <div class=${`code ${language}`} ref=${frame} style=${size}>
      <div class="code-host" ref=${host} hidden=${!ready}></div>
      ${!ready && html`<${PlainField} ...${{field, source, label, language, readOnly, change, latest}} />`}
      <p class="code-alert" role="alert">${alertText(props)}</p>
    </div>
  `;
}

/** What stands there until CodeMirror has loaded, and for good if it cannot: it takes typing too. */
function PlainField({field, source, label, language, readOnly, change, latest}) {
  const first = useRef(source);
  const run = (event) => {
    const enter = event.key === "Enter" && (event.ctrlKey || event.metaKey);
    if (!enter || !latest.current.onRun) return;
    event.preventDefault();
    latest.current.onRun(event.currentTarget.value);
  };
  return html`
    <textarea class="code-field" ref=${field}
      aria-label=${spokenLabel({label, language, readOnly})} defaultValue=${first.current}
      readOnly=${readOnly} rows=${source.split("\n").length} spellcheck=${false}
      autocomplete="off" autocapitalize="off" wrap=${language === "formula" ? "soft" : "off"}
      onInput=${(event) => change(event.currentTarget.value)} onKeyDown=${run}></textarea>
  `;
}

/** @param {{errorLine?: number, errorMessage?: string}} props */
function alertText({errorLine, errorMessage}) {
  if (!errorMessage) return "";
  return errorLine ? `Line ${errorLine}: ${errorMessage}` : errorMessage;
}

/** Call once, when an element is first on screen. @returns a function that gives up waiting */
function whenSeen(element, act) {
  const watcher = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watcher.disconnect();
      act();
    },
    {rootMargin: "200px"},
  );
  watcher.observe(element);
  return () => watcher.disconnect();
}
