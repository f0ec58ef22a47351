export * from "../../../../../tools/page/entries/ui.js";
