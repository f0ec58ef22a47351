/** @file Parts of the page that are fetched once the first numbers stand, or when they are first shown. */
import {html, signal, useEffect} from "./vendor/ui.js";

/** What fetches each part. */
const parts = [];
let asked = false;

/**
 * A component whose modules are fetched later.
 * @param {() => Promise<Function>} load gives the component
 */
export function lazy(load) {
  const part = signal(null);
  const failed = signal(false);
  let coming = /** @type {Promise<void> | null} */ (null);
  const fetchPart = () => {
    failed.value = false;
    coming ??= load().then(
      (component) => {
        part.value = () => component;
      },
      () => {
        coming = null;
        failed.value = true;
      },
    );
  };
  parts.push(fetchPart);
  return function Lazy(props) {
    useEffect(fetchPart, []);
    const Part = part.value?.();
    if (Part) return html`<${Part} ...${props} />`;
    if (!failed.value) return html`<p class="busy" role="status">Opening …</p>`;
    return html`
      <p class="bad" role="alert">
        This part of the page could not be fetched: Cutaway does not answer.
        <button class="button" onClick=${fetchPart}>Try again</button>
      </p>
    `;
  };
}

/**
 * Fetch everything else half a second later, so that it is at hand at once, and also when the
 * server is gone.
 */
export function fetchTheRest() {
  if (asked) return;
  asked = true;
  setTimeout(
    () => requestIdleCallback(() => parts.forEach((fetchPart) => fetchPart()), {timeout: 2000}),
    500,
  );
}
