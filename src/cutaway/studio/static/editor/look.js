/** @file How code looks. Every colour and size is one of the page's custom properties. */
import {EditorView, HighlightStyle, syntaxHighlighting, tags} from "../vendor/codemirror.js";

const theme = EditorView.theme({
  "&": {color: "var(--ink)", fontSize: "var(--text-2)", maxHeight: "var(--code-most)"},
  "&.cm-focused": {outline: "none"},
  ".cm-scroller": {
    fontFamily: "var(--mono)",
    lineHeight: "1.6",
    overflow: "auto",
    scrollbarWidth: "thin",
    scrollbarColor: "var(--line-2) transparent",
  },
  ".cm-content, .cm-gutter": {minHeight: "var(--code-least)"},
  ".cm-content": {padding: "var(--space-1) 0", caretColor: "var(--ink)"},
  ".cm-line": {padding: "0 var(--space-2)"},
  ".cm-cursor, .cm-dropCursor": {borderLeftColor: "var(--ink)", borderLeftWidth: "1.5px"},
  ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground":
    {background: "color-mix(in srgb, var(--focus) 22%, transparent)"},
  "&.cm-focused .cm-matchingBracket": {background: "none", outline: "1px solid var(--line-2)"},
  "&.cm-focused .cm-nonmatchingBracket": {background: "none", outline: "1px solid var(--danger)"},
});

const gutters = EditorView.theme({
  ".cm-gutters": {background: "none", border: "none", color: "var(--ink-3)"},
  ".cm-lineNumbers .cm-gutterElement": {
    boxSizing: "content-box",
    minWidth: "calc(var(--digits) * 1ch)",
    padding: "0 var(--space-2) 0 0",
  },
  ".cm-lineNumbers": {borderRight: "1px solid var(--line)"},
  ".cm-breakpoints .cm-gutterElement": {
    boxSizing: "border-box",
    width: "18px",
    textAlign: "center",
    color: "var(--danger)",
  },
  ".cm-breakpoints .cm-gutterElement.cm-here": {color: "var(--changed)"},
  ".cm-here, .cm-here-too": {fontSize: "0.8em", lineHeight: "2"},
});

const marked = EditorView.theme({
  ".cm-current": {background: "var(--changed-paper)", boxShadow: "inset 2px 0 var(--changed)"},
  ".cm-wrong": {
    background: "color-mix(in srgb, var(--danger) 9%, transparent)",
    boxShadow: "inset 2px 0 var(--danger)",
  },
  ".cm-message": {
    font: "var(--text-2)/1.5 var(--sans)",
    color: "var(--danger)",
    whiteSpace: "pre-wrap",
    padding: "0 var(--space-2) var(--space-1)",
    boxShadow: "inset 2px 0 var(--danger)",
    background: "color-mix(in srgb, var(--danger) 9%, transparent)",
    overflowWrap: "anywhere",
  },
});

const offers = EditorView.theme({
  ".cm-tooltip": {
    background: "var(--paper-2)",
    color: "var(--ink)",
    border: "1px solid var(--line-2)",
    borderRadius: "var(--radius)",
    boxShadow: "var(--float)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": {fontFamily: "var(--mono)", maxHeight: "14em"},
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": {
    padding: "2px var(--space-2)",
    lineHeight: "1.5",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    background: "var(--ink)",
    color: "var(--on-ink)",
  },
  ".cm-completionMatchedText": {textDecoration: "none", fontWeight: "500"},
  ".cm-completionDetail": {fontStyle: "normal", fontFamily: "var(--sans)", opacity: "0.85"},
  ".cm-completionInfo": {font: "var(--text-2)/1.5 var(--sans)", padding: "var(--space-2)"},
});

const words = HighlightStyle.define([
  {
    tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword, tags.definitionKeyword],
    color: "var(--cold)",
  },
  {tag: [tags.string, tags.special(tags.string)], color: "var(--share)"},
  {tag: [tags.comment, tags.meta], color: "var(--ink-3)", fontStyle: "italic"},
  {
    tag: [tags.definition(tags.function(tags.variableName)), tags.definition(tags.className)],
    fontWeight: "500",
  },
  {tag: [tags.operator, tags.punctuation], color: "var(--ink-2)"},
  {tag: [tags.bool, tags.null, tags.self], color: "var(--cold)"},
  {tag: tags.invalid, color: "var(--danger)"},
]);

export const look = [theme, gutters, marked, offers, syntaxHighlighting(words)];
