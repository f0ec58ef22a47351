/**
 * @file CodeMirror in a shadow root: there its style sheets are adopted, which a strict content
 * policy allows.
 */
import {
  Compartment,
  EditorState,
  EditorView,
  Prec,
  autocompletion,
  bracketMatching,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  defaultKeymap,
  drawSelection,
  highlightSpecialChars,
  history,
  historyKeymap,
  indentOnInput,
  indentUnit,
  keymap,
  python,
  pythonLanguage,
  syntaxTree,
} from "../vendor/codemirror.js";
import {digits, spokenLabel} from "./words.js";
import {look} from "./look.js";
import {currentMarks, gutters, marks, setMarks} from "./marks.js";

/**
 * An editor in the host's shadow root. It takes over the text, selection and focus of the field
 * that stood there.
 *
 * latest     a ref to the component's newest properties
 * change     is called with every text that the visitor makes
 * returns    {update, replace, hasFocus, close}
 */
export function openEditor({host, field, latest, change, language}) {
  const settings = new Compartment();
  const root = host.shadowRoot ?? host.attachShadow({mode: "open"});
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: field.value,
      selection: {anchor: field.selectionStart, head: field.selectionEnd},
      extensions: [
        settings.of(changeable(latest.current)),
        runKeys(latest),
        writing(language),
        nameCompletion(latest),
        marks,
        language === "python" ? gutters(latest) : EditorView.lineWrapping,
        look,
        EditorView.updateListener.of((update) => hear(update, {host, change})),
      ],
    }),
  });
  const keep = (event) => keepTyping(event);
  host.addEventListener("keydown", keep);
  if (document.activeElement === field) {
    host.hidden = false; // at once: a key that is pressed before the next frame has to go somewhere
    view.focus();
  }
  let seenLine = null;
  return {
    update(props) {
      refresh(view, settings, props);
      if (props.currentLine && props.currentLine !== seenLine) scrollTo(view, props.currentLine);
      seenLine = props.currentLine;
    },
    replace(source) {
      if (replaceText(view, source)) seenLine = null;
    },
    hasFocus: () => view.hasFocus,
    close: () => {
      host.removeEventListener("keydown", keep);
      view.destroy();
    },
  };
}

/** What helps in writing, whatever the editor is used for. */
function writing(language) {
  return [
    language === "python" ? python() : pythonLanguage,
    highlightSpecialChars(),
    history(),
    drawSelection(),
    indentUnit.of("    "),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    keymap.of([...closeBracketsKeymap, ...completionKeymap, ...defaultKeymap, ...historyKeymap]),
  ];
}

/** What may change while an editor is open. */
function changeable(props) {
  const attributes = {"aria-label": spokenLabel(props), "aria-multiline": "true"};
  if (props.errorMessage) attributes["aria-invalid"] = "true";
  if (props.readOnly) attributes["aria-readonly"] = "true";
  return [
    EditorState.readOnly.of(Boolean(props.readOnly)),
    EditorView.contentAttributes.of({...attributes, spellcheck: "false", tabindex: "0"}),
  ];
}

/** Ctrl+Enter runs; in a formula Enter too, and Shift+Enter starts a new line. F9 sets a breakpoint. */
function runKeys(latest) {
  const run = (view) => {
    if (!latest.current.onRun || latest.current.readOnly) return false;
    latest.current.onRun(view.state.doc.toString());
    return true;
  };
  const toggle = (view) => {
    const {onToggleBreakpoint} = latest.current;
    onToggleBreakpoint?.(view.state.doc.lineAt(view.state.selection.main.head).number);
    return Boolean(onToggleBreakpoint);
  };
  const runFormula = (view) => latest.current.language === "formula" && run(view);
  return [
    Prec.highest(
      keymap.of([
        {key: "Ctrl-Enter", run},
        {key: "Cmd-Enter", run},
        {key: "F9", run: toggle},
      ]),
    ),
    keymap.of([{key: "Enter", run: runFormula}]),
  ];
}

function hear(update, {host, change}) {
  if (!update.docChanged) return;
  const text = update.state.doc.toString();
  host.parentElement?.style.setProperty("--digits", digits(text));
  if (update.transactions.some((transaction) => transaction.isUserEvent("replaced"))) return;
  change(text);
}

function refresh(view, settings, props) {
  const effects = [];
  const before = view.contentDOM.getAttribute("aria-label");
  const invalid = view.contentDOM.hasAttribute("aria-invalid");
  const changed =
    before !== spokenLabel(props) ||
    invalid !== Boolean(props.errorMessage) ||
    view.state.readOnly !== Boolean(props.readOnly);
  if (changed) effects.push(settings.reconfigure(changeable(props)));
  const wanted = currentMarks(props);
  const old = view.state.field(marks).given;
  if (JSON.stringify(old) !== JSON.stringify(wanted)) effects.push(setMarks.of(wanted));
  if (effects.length) view.dispatch({effects});
}

function scrollTo(view, number) {
  const line = view.state.doc.line(Math.min(number, view.state.doc.lines));
  view.dispatch({effects: EditorView.scrollIntoView(line.from, {y: "center"})});
}

/** Replace what differs only, so that the cursor stays where it was. @returns whether anything did */
function replaceText(view, source) {
  const old = view.state.doc.toString();
  if (old === source) return false;
  let from = 0;
  while (from < old.length && from < source.length && old[from] === source[from]) from += 1;
  let end = 0;
  const shorter = Math.min(old.length, source.length) - from;
  while (end < shorter && old[old.length - 1 - end] === source[source.length - 1 - end]) end += 1;
  view.dispatch({
    changes: {from, to: old.length - end, insert: source.slice(from, source.length - end)},
    userEvent: "replaced",
  });
  return true;
}

/** The page has keys of its own: none of them may see what is typing here. */
function keepTyping(event) {
  const command = event.ctrlKey || event.metaKey || event.altKey;
  const typing =
    !command && !/^F\d+$/.test(event.key) && event.key !== "Escape" && event.key !== "Tab";
  const editing =
    command && /^([acvxyz[\]]|Arrow.*|Home|End|Backspace|Delete|Enter)$/i.test(event.key);
  if (typing || editing || event.defaultPrevented) event.stopPropagation();
}

const NAME = /[A-Za-z_][\w.]*/;
const REST_OF_NAME = /^[\w.]*$/;

/** Completion from the newest `completions` of a component, beside what the language itself offers. */
function nameCompletion(latest) {
  const source = (context) => offer(context, latest.current.completions ?? []);
  return [
    autocompletion({icons: false, maxRenderedOptions: 60, activateOnTypingDelay: 60}),
    EditorState.languageData.of(() => [{autocomplete: source}]),
  ];
}

function offer(context, names) {
  const word = context.matchBefore(NAME);
  if (!names.length || (!word && !context.explicit) || inComment(context)) return null;
  return {
    from: word ? word.from : context.pos,
    options: names.map((name) => (typeof name === "string" ? {label: name} : name)),
    validFor: REST_OF_NAME,
  };
}

function inComment({state, pos}) {
  return syntaxTree(state).resolveInner(pos, -1).name === "Comment";
}
