/**
 * @file The keyboard never stands nowhere: when what has the focus goes away or is switched off, a
 * neighbour takes it.
 */

const FOCUSABLE =
  "a[href], summary, [tabindex='0'], " +
  "button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled)";

/** Where the focus was: the element, and its ancestors, each with the place of the child that led to it. */
let last = /** @type {any} */ (null);

function remember({target}) {
  const trail = [];
  for (let child = target; child.parentElement; child = child.parentElement) {
    trail.push({
      parent: child.parentElement,
      place: [...child.parentElement.children].indexOf(child),
    });
  }
  last = {element: target, trail};
}

/** Can the element still have the focus? */
function isThere(element) {
  return element.isConnected && !element.disabled && element.checkVisibility();
}

/** Whoever takes the focus away by a click beside everything wants it nowhere. */
function forget({target, relatedTarget}) {
  if (relatedTarget || !document.hasFocus()) return;
  // A browser tells of it before it takes the element out of the page: look afterwards.
  queueMicrotask(() => {
    if (last?.element === target && isThere(target)) last = null;
  });
}

function first(elements) {
  for (const element of elements) {
    const found = [element, ...element.querySelectorAll(FOCUSABLE)].find(
      (one) => one.matches(FOCUSABLE) && one.checkVisibility(),
    );
    if (found) return found;
  }
  return null;
}

/** The nearest to where the focus was: what stands there now, what comes after, what came before. */
function neighbour({trail}) {
  for (const {parent, place} of trail) {
    if (!parent.isConnected || parent === document.body) continue;
    const children = [...parent.children];
    const found = first([
      ...children.slice(Math.max(0, place)),
      ...children.slice(0, Math.max(0, place)).reverse(),
    ]);
    if (found) return found;
  }
  return null;
}

function check() {
  const active = document.activeElement;
  if (
    !last ||
    isThere(last.element) ||
    (active && active !== document.body && active !== last.element)
  )
    return;
  neighbour(last)?.focus();
}

/** The middle of the page: the grid, or whatever stands in its place. */
export function focusMiddle() {
  /** @type {HTMLElement | null} */ (
    document.querySelector(".grid-host:not([hidden]) [role=grid]") ?? document.querySelector("main")
  )?.focus();
}

/** Watch over the focus from now on. */
export function keepFocus() {
  addEventListener("focusin", remember);
  addEventListener("focusout", forget);
  // After the frame, so that whoever took the element away may place the focus first.
  const watcher = new MutationObserver(() => requestAnimationFrame(check));
  watcher.observe(document.body, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ["disabled", "hidden"],
  });
}
