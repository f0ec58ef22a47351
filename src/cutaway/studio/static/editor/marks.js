/** @file What is marked in the text: the line of an error with its message, the current line, breakpoints. */
import {
  Decoration,
  EditorView,
  GutterMarker,
  RangeSet,
  StateEffect,
  StateField,
  WidgetType,
  gutter,
  lineNumbers,
} from "../vendor/codemirror.js";

/** Take over new marks: what `currentMarks` gives. @type {ReturnType<typeof StateEffect.define<any>>} */
export const setMarks = StateEffect.define();

/** The marks among a component's properties. @param {any} props */
export function currentMarks({errorLine, errorMessage, currentLine, breakpoints}) {
  return {
    errorLine: errorLine ?? null,
    errorMessage: errorMessage ?? "",
    currentLine: currentLine ?? null,
    breakpoints: breakpoints ?? [],
  };
}

class Message extends WidgetType {
  constructor(text) {
    super();
    this.text = text;
  }

  eq(other) {
    return other.text === this.text;
  }

  toDOM() {
    const element = document.createElement("div");
    element.className = "cm-message";
    element.setAttribute("aria-hidden", "true"); // the alert beside the editor says it
    element.textContent = this.text;
    return element;
  }

  ignoreEvent() {
    return true; // its text can be selected and copied
  }
}

/** The decorations, and the marks that they were made from. They move with the text as it is edited. */
export const marks = StateField.define({
  create: () => ({
    given: currentMarks({}),
    decorations: Decoration.none,
    breakpoints: RangeSet.empty,
  }),
  update(value, transaction) {
    const effect = transaction.effects.find((one) => one.is(setMarks));
    if (effect) return drawMarks(transaction.state.doc, effect.value);
    if (!transaction.docChanged) return value;
    if (transaction.isUserEvent("replaced")) return drawMarks(transaction.state.doc, value.given);
    return {
      given: value.given,
      decorations: value.decorations.map(transaction.changes),
      breakpoints: value.breakpoints.map(transaction.changes),
    };
  },
  provide: (field) => EditorView.decorations.from(field, (value) => value.decorations),
});

function drawMarks(doc, given) {
  const {errorLine, errorMessage, currentLine, breakpoints} = given;
  const line = (number) => doc.line(Math.max(1, Math.min(number, doc.lines)));
  const ranges = [];
  if (currentLine)
    ranges.push(Decoration.line({class: "cm-current"}).range(line(currentLine).from));
  if (errorLine) ranges.push(Decoration.line({class: "cm-wrong"}).range(line(errorLine).from));
  if (errorMessage) {
    const widget = Decoration.widget({widget: new Message(errorMessage), block: true, side: 1});
    ranges.push(widget.range(line(errorLine ?? doc.lines).to));
  }
  const signs = new Map(breakpoints.map((number) => [number, breakpoint]));
  if (currentLine) signs.set(currentLine, signs.has(currentLine) ? hereAtBreakpoint : here);
  const inside = [...signs].filter(([number]) => number >= 1 && number <= doc.lines);
  const points = inside.map(([number, sign]) => sign.range(line(number).from));
  return {given, decorations: Decoration.set(ranges, true), breakpoints: RangeSet.of(points, true)};
}

class Sign extends GutterMarker {
  constructor(name, sign) {
    super();
    this.elementClass = name;
    this.sign = sign;
  }

  toDOM() {
    return document.createTextNode(this.sign);
  }
}

const breakpoint = new Sign("cm-breakpoint", "●");
const here = new Sign("cm-here", "▶");
const hereAtBreakpoint = new Sign("cm-breakpoint cm-here-too", "▶");

/** The gutters of Python: breakpoints, line numbers. A click on either sets a breakpoint or takes it away. */
export function gutters(latest) {
  const domEventHandlers = {
    mousedown(view, block) {
      latest.current.onToggleBreakpoint?.(view.state.doc.lineAt(block.from).number);
      return Boolean(latest.current.onToggleBreakpoint);
    },
  };
  const breakpoints = gutter({
    class: "cm-breakpoints",
    markers: (view) => view.state.field(marks).breakpoints,
    initialSpacer: () => here,
    domEventHandlers,
  });
  return [breakpoints, lineNumbers({domEventHandlers})];
}
