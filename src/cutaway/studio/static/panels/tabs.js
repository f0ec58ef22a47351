/** @file The tabs of the drawer, in their order. */

export const TABS = {
  changes: "Changes",
  compare: "Compare",
  generate: "Generate",
  console: "Console",
  debugger: "Debugger",
};

/** What only programmers need: behind the switch "Code". */
export const CODE = new Set(["console", "debugger"]);
