/** @file What the plain field and the editor that takes its place have in common. */

/** The label with the keys that a visitor who cannot see the page needs. @param {any} props */
export function spokenLabel({
  label,
  language = "python",
  readOnly = false,
  onRun,
  onToggleBreakpoint,
}) {
  const keys = [
    onRun && !readOnly && (language === "formula" ? "Enter runs it" : "Control Enter runs it"),
    onToggleBreakpoint && "F9 sets a breakpoint",
    !readOnly && language === "python" && "Control ] indents",
    !readOnly && "Tab leaves it",
  ].filter(Boolean);
  return keys.length ? `${label}. ${keys.join(", ")}.` : label;
}

/** How wide the line numbers are, so that nothing shifts when the real editor comes. */
export function digits(source) {
  return Math.max(2, String(source.split("\n").length).length);
}
