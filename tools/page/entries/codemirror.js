// The code editor, loaded when the first editor is shown: the parts of CodeMirror 6 that it uses.
// The package "codemirror" only gathers these and adds a search panel that we have no use for.
export {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from "@codemirror/autocomplete";
export {defaultKeymap, history, historyKeymap} from "@codemirror/commands";
export {python, pythonLanguage} from "@codemirror/lang-python";
export {
  HighlightStyle,
  bracketMatching,
  indentOnInput,
  indentUnit,
  syntaxHighlighting,
  syntaxTree,
} from "@codemirror/language";
export {Compartment, EditorState, Prec, RangeSet, StateEffect, StateField} from "@codemirror/state";
export {
  Decoration,
  EditorView,
  GutterMarker,
  WidgetType,
  drawSelection,
  gutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
export {tags} from "@lezer/highlight";
