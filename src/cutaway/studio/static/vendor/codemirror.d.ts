export * from "../../../../../tools/page/entries/codemirror.js";
