/** @file A modal dialog and a menu, both native: the browser keeps the keyboard inside and closes them. */
import {html, useLayoutEffect, useRef, useState} from "../vendor/ui.js";
import {focusMiddle} from "../focus.js";

/**
 * A dialog that is open as long as it is drawn. Escape and a press beside it ask to close it.
 * @param {{label?: string, labelledby?: string, kind?: string, onClose: () => void, children?: any}} props
 */
export function Dialog({label, labelledby, kind = "", onClose, children}) {
  const frame = useRef();
  // At once, before the next key: who types right after Ctrl+K types into the dialog.
  useLayoutEffect(() => {
    const element = frame.current;
    element.showModal();
    element.querySelector("[data-first], .code-field")?.focus();
    return () => {
      element.close(); // which gives the focus back
      requestAnimationFrame(() => {
        if (document.activeElement === document.body) focusMiddle();
      });
    };
  }, []);
  const onPress = ({target, clientX: x, clientY: y}) => {
    if (target !== frame.current) return;
    const {left, right, top, bottom} = target.getBoundingClientRect();
    if (x < left || x > right || y < top || y > bottom) onClose();
  };
  return html`
    <dialog class=${`dialog ${kind}`} aria-label=${label} aria-labelledby=${labelledby} tabindex="-1"
      ref=${frame} onPointerDown=${onPress} onClose=${({target}) => target.isConnected && onClose()}>
      ${children}
    </dialog>
  `;
}

/**
 * A button with a menu under it, which Escape or a press elsewhere closes.
 * @param {{id: string, words: any, role: "menu" | "group", label: string, kind?: string,
 *   side?: "left" | "right", title?: string,
 *   onOpen?: (menu: HTMLElement) => void, onClose?: () => void, onKeyDown?: (event: any) => void,
 *   children?: any}} props
 */
export function MenuButton({
  id,
  words,
  role,
  label,
  kind = "",
  side = "right",
  title,
  onOpen,
  onClose,
  onKeyDown,
  children,
}) {
  const button = useRef();
  const [isOpen, setOpen] = useState(false);
  const place = ({newState, target}) => {
    if (newState !== "open") return;
    const {bottom, left, right} = button.current.getBoundingClientRect();
    target.style.top = `${bottom + 2}px`;
    if (side === "left") target.style.left = `${left}px`;
    else target.style.right = `${document.documentElement.clientWidth - right}px`;
  };
  const toggled = ({newState, target}) => {
    setOpen(newState === "open");
    if (newState === "open") onOpen?.(target);
    else onClose?.();
  };
  return html`
    <button class="button" ref=${button} popovertarget=${id} aria-expanded=${isOpen} title=${title}
      aria-haspopup=${role === "menu" ? "menu" : "true"}>${words}</button>
    <div class=${`menu ${kind}`} id=${id} popover role=${role} aria-label=${label}
      onBeforeToggle=${place} onToggle=${toggled} onKeyDown=${onKeyDown}>${children}</div>
  `;
}

/** The items of a menu that can be chosen. @param {Element} menu */
export function itemsOf(menu) {
  /** @type {NodeListOf<HTMLElement>} */
  const items = menu.querySelectorAll("[role^=menuitem]:not(:disabled)");
  return [...items];
}

/** The keys of a menu: arrows, Home, End, a first letter; Tab leaves it. */
export function onMenuKey(event) {
  const items = itemsOf(event.currentTarget);
  const at = items.findIndex((item) => item === document.activeElement);
  const letter =
    event.key.length === 1 && !event.ctrlKey && !event.metaKey && event.key.toLowerCase();
  const to =
    {
      ArrowDown: items[(at + 1) % items.length],
      ArrowUp: items.at(at <= 0 ? -1 : at - 1),
      Home: items[0],
      End: items.at(-1),
    }[event.key] ??
    (letter &&
      [...items.slice(at + 1), ...items].find((item) =>
        item.textContent.trim().toLowerCase().startsWith(letter),
      ));
  if (event.key === "Tab") event.currentTarget.hidePopover();
  if (!to) return;
  event.preventDefault();
  to.focus();
}
