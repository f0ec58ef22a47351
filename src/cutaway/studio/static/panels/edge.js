/** @file The edge of a panel, which the mouse and the arrow keys move; the visitor's size is kept. */
import {html, signal, useRef} from "../vendor/ui.js";

/**
 * A size in pixels that the visitor chose; 0 until then.
 * @param {string} key under which the browser keeps it
 */
export function keptSize(key) {
  const size = signal(Number(localStorage.getItem(key)) || 0);
  return {
    get value() {
      return size.value;
    },
    set value(pixels) {
      size.value = pixels;
      localStorage.setItem(key, String(pixels));
    },
  };
}

/**
 * The upper or the left edge of the panel that it is in.
 * @param {{size: {value: number}, words: string, side: "top" | "left", least: number, most: number}} props
 */
export function Edge({size, words, side, least, most}) {
  const from = useRef(null);
  const upright = side === "left";
  const along = (event) => (upright ? event.clientX : event.clientY);
  const now = ({currentTarget: {parentElement: panel}}) =>
    size.value || (upright ? panel.offsetWidth : panel.offsetHeight);
  const largest = () => Math.min(most, (upright ? innerWidth * 0.5 : innerHeight * 0.7) | 0);
  const set = (pixels) => {
    size.value = Math.round(Math.min(largest(), Math.max(least, pixels)));
  };
  return html`
    <div class=${`edge ${side}`} role="separator"
      aria-orientation=${upright ? "vertical" : "horizontal"} aria-label=${words} tabindex="0"
      aria-valuenow=${size.value || least} aria-valuemin=${least} aria-valuemax=${most}
      onPointerDown=${(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        from.current = along(event) + now(event);
      }}
      onPointerMove=${(event) => {
        if (from.current !== null) set(from.current - along(event));
      }}
      onPointerUp=${() => {
        from.current = null;
      }}
      onKeyDown=${(event) => {
        const by = (upright ? {ArrowLeft: 24, ArrowRight: -24} : {ArrowUp: 24, ArrowDown: -24})[
          event.key
        ];
        if (by) {
          event.preventDefault();
          set(now(event) + by);
        }
      }}></div>
  `;
}
