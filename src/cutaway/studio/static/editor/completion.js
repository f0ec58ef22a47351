/** @file Completion of names: tables, cells, functions. What can be named comes from the page. */
import {EditorState, autocompletion, syntaxTree} from "../vendor/codemirror.js";

const NAME = /[A-Za-z_][\w.]*/;
const REST_OF_NAME = /^[\w.]*$/;

/** Completion from the newest `completions` of a component, beside what the language itself offers. */
export function nameCompletion(latest) {
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
