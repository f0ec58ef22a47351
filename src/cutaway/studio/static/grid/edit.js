/** @file A field over a cell in which a new number is typed. */
import {element} from "./dom.js";

const FIELD = {
  position: "absolute",
  zIndex: "2",
  boxSizing: "border-box",
  margin: "0",
  padding: "0 6px",
  textAlign: "right",
  border: "2px solid",
  borderRadius: "0",
  outline: "none",
};

export class Editor {
  /**
   * @param {HTMLElement} root
   * @param {{write: (text: string, range: any) => void, closed: () => void}} grid
   */
  constructor(root, grid) {
    this.root = root;
    this.grid = grid;
    this.field = /** @type {any} */ (null);
    this.cell = /** @type {any} */ (null);
    this.began = "";
    this.typed = false;
    this.shown = false;
  }

  /** Open over a cell, for a range. `typed` is true when `text` is the first key of a new number. */
  open({text, words, typed, range, cell, theme}) {
    this.close();
    this.began = text;
    this.typed = typed;
    this.range = range;
    this.cell = cell;
    this.field = this.root.appendChild(
      element("input", {
        value: text,
        spellcheck: false,
        autocomplete: "off",
        className: "cutaway-grid-field",
        attributes: {"aria-label": words, inputmode: "decimal"},
        style: {
          ...FIELD,
          background: theme.css("paper-2"),
          color: theme.css("ink"),
          borderColor: theme.css("focus"),
          font: `12.5px ${theme.mono}`,
        },
      }),
    );
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.field.addEventListener("blur", () => this.left());
  }

  /** Lay the field over its cell, which may have scrolled. Out of view it stays open but is not seen. */
  lay({left, top, width, height, inView}) {
    if (!this.field) return;
    const wide = Math.max(width + 2, 112);
    Object.assign(this.field.style, {
      left: `${left + width + 1 - wide}px`,
      top: `${top - 1}px`,
      width: `${wide}px`,
      height: `${Math.max(24, height + 2)}px`,
      opacity: inView ? "1" : "0",
    });
    if (document.activeElement === this.field || this.shown) return;
    this.shown = true;
    this.field.focus({preventScroll: true});
    if (this.typed) this.field.setSelectionRange(this.began.length, this.began.length);
    else this.field.select();
  }

  key(event) {
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key === "Enter") this.commit();
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    this.grid.closed();
  }

  /**
   * The focus went elsewhere on the page: keep what was typed. A window that lost the focus changes
   * nothing.
   */
  left() {
    if (this.field && document.hasFocus()) this.commit();
  }

  commit() {
    const text = this.field.value.trim();
    const changed = this.typed || text !== this.began;
    this.close();
    if (changed && text) this.grid.write(text, this.range);
  }

  close() {
    const {field} = this;
    this.field = null;
    this.shown = false;
    field?.remove();
  }
}
