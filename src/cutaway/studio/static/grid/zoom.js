/** @file Two buttons over a heat map: smaller and larger cells. */
import {element} from "./dom.js";
import {STEPS} from "./geometry.js";

const BUTTON = {
  width: "26px",
  height: "26px",
  padding: "0",
  border: "1px solid",
  borderRadius: "0",
  font: "16px/1 system-ui, sans-serif",
  cursor: "pointer",
};

export class ZoomButtons {
  /**
   * @param {HTMLElement} root
   * @param {(by: number) => void} change called with -1 or 1
   */
  constructor(root, change) {
    this.smaller = this.button("−", "Smaller cells", () => change(-1));
    this.larger = this.button("+", "Larger cells", () => change(1));
    this.larger.style.borderLeftStyle = "none";
    this.box = element("div", {
      hidden: true,
      className: "cutaway-grid-sizes",
      style: {position: "absolute", zIndex: "1"},
    });
    this.box.append(this.smaller, this.larger);
    root.append(this.box);
  }

  button(textContent, words, call) {
    const attributes = {"aria-label": words};
    const made = element("button", {
      type: "button",
      textContent,
      title: words,
      attributes,
      style: BUTTON,
    });
    made.addEventListener("click", call);
    return made;
  }

  applyTheme(theme) {
    for (const {style} of [this.smaller, this.larger]) {
      Object.assign(style, {
        background: theme.css("paper-2"),
        color: theme.css("ink"),
        borderColor: theme.css("line-2"),
      });
    }
  }

  /** Show them at the lower right of a view, or hide them. A button at the end of the steps does nothing. */
  update(shown, step, view) {
    this.box.hidden = !shown;
    this.box.style.left = `${view.width - 63}px`;
    this.box.style.top = `${view.height - 36}px`;
    this.smaller.setAttribute("aria-disabled", String(step === 0));
    this.larger.setAttribute("aria-disabled", String(step === STEPS.length - 1));
    this.smaller.style.opacity = step === 0 ? "0.5" : "1";
    this.larger.style.opacity = step === STEPS.length - 1 ? "0.5" : "1";
  }
}
