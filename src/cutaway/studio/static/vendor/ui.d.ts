export * from "../../../../../tools/page/entries/ui.js";
export {type Signal, signal, useRef} from "../../../../../tools/page/entries/empty.js";
