/** @file A small note at the pointer: which cell this is, its whole number, and what it was. */
import {element} from "./dom.js";

const BOX = {
  position: "absolute",
  zIndex: "3",
  padding: "6px 9px",
  maxWidth: "340px",
  pointerEvents: "none",
  border: "1px solid",
  font: "12px/1.5 system-ui, sans-serif",
  whiteSpace: "pre-wrap",
  overflowWrap: "anywhere",
};

export class Tooltip {
  /**
   * @param {HTMLElement} root
   * @param {(left: number, top: number) => string[]} wordsAt lines of text for a place of the view
   */
  constructor(root, wordsAt) {
    this.wordsAt = wordsAt;
    this.root = root;
    // The ARIA mirror says the same of the active cell, so screen readers need no second voice.
    this.box = root.appendChild(
      element("div", {hidden: true, attributes: {"aria-hidden": "true"}, style: BOX}),
    );
    this.box.className = "cutaway-grid-note";
  }

  /** Take the colours and fonts of a theme. */
  applyTheme(theme) {
    Object.assign(this.box.style, {
      background: theme.css("paper-2"),
      color: theme.css("ink"),
      borderColor: theme.css("line-2"),
      fontFamily: theme.sans,
    });
  }

  /** Show what there is to say about a place, if anything. */
  show({left, top}) {
    const lines = this.wordsAt(left, top);
    if (!lines.length) return;
    this.box.replaceChildren(
      ...lines.map((line, index) => element("div", {textContent: line, style: weight(index)})),
    );
    this.box.hidden = false;
    const {offsetWidth, offsetHeight} = this.box;
    const {clientWidth, clientHeight} = this.root;
    this.box.style.left = `${Math.max(0, Math.min(left + 14, clientWidth - offsetWidth - 6))}px`;
    const above = top + 20 + offsetHeight > clientHeight;
    this.box.style.top = `${above ? Math.max(0, top - offsetHeight - 10) : top + 20}px`;
  }

  hide() {
    this.box.hidden = true;
  }
}

function weight(index) {
  return index === 0 ? {fontWeight: "600"} : {};
}
