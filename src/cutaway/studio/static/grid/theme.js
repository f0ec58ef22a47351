/** @file Colours: read from the host's custom properties, with our own for light, dark and forced colours. */

// The same as in style/colours.css: a notebook has no such data.
const LIGHT = {
  paper: "#f6f2e9",
  "paper-2": "#fbf9f3",
  "paper-3": "#ece6d8",
  ink: "#1d2430",
  "ink-2": "#465063",
  "ink-3": "#5d6675",
  line: "#d5cdbb",
  "line-2": "#a89f8b",
  warm: "#bf4a1d",
  cold: "#1f5a96",
  share: "#1c6f61",
  changed: "#8a5a00",
  "changed-paper": "#fbeecb",
  focus: "#1f5a96",
};
const DARK = {
  paper: "#12171f",
  "paper-2": "#171d27",
  "paper-3": "#202836",
  ink: "#e9e4d7",
  "ink-2": "#b9bcc0",
  "ink-3": "#979da8",
  line: "#2d3746",
  "line-2": "#566275",
  warm: "#f0824f",
  cold: "#6aa9e6",
  share: "#54bba6",
  changed: "#e9b44c",
  "changed-paper": "#3a2f14",
  focus: "#8fc2f2",
};
const FORCED = {
  paper: "Canvas",
  "paper-2": "Canvas",
  "paper-3": "Canvas",
  ink: "CanvasText",
  "ink-2": "CanvasText",
  "ink-3": "CanvasText",
  line: "CanvasText",
  "line-2": "CanvasText",
  warm: "CanvasText",
  cold: "LinkText",
  share: "LinkText",
  changed: "Highlight",
  "changed-paper": "Canvas",
  focus: "Highlight",
};
const MONO = 'ui-monospace, "SFMono-Regular", Consolas, monospace';
const SANS = "system-ui, sans-serif";
/** Steps of a colour scale. */
const SHADES = 128;
/** How strong the tint behind a number is in numbers mode. */
const TINT = 0.16;

/**
 * @typedef {object} Theme
 * @property {(name: string) => string} css a colour by its name
 * @property {Scale} heat colours of a heat map
 * @property {Scale} tint very light ones behind numbers
 * @property {string} mono
 * @property {string} sans
 * @property {any} identity changes with every reading
 */

/** Read the colours and fonts that hold at an element. */
export function readTheme(host) {
  const forced = matchMedia("(forced-colors: active)").matches;
  const fallback = forced ? FORCED : isDark(host.parentElement) ? DARK : LIGHT;
  const probe = host.appendChild(document.createElement("span"));
  probe.hidden = true;
  probe.style.forcedColorAdjust = "none";
  const colours = {};
  for (const [name, value] of Object.entries(fallback)) {
    probe.style.color = `var(--${name}, ${value})`;
    colours[name] = parseColour(getComputedStyle(probe).color);
  }
  const properties = getComputedStyle(probe);
  const mono = properties.getPropertyValue("--mono").trim() || MONO;
  const sans = properties.getPropertyValue("--sans").trim() || SANS;
  probe.remove();
  return {
    mono,
    sans,
    identity: {},
    css: (name) => cssOf(colours[name]),
    faded: (name, strength) => cssOf(mix(colours["paper-2"], colours[name], strength)),
    veil: (name, strength) => `rgb(${colours[name].join(" ")} / ${strength})`,
    heat: scales(colours, 1),
    tint: scales(colours, forced ? 0 : TINT),
  };
}

/** Call when colours may have changed. @returns a function that stops it */
export function watchTheme(changed) {
  const queries = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map((query) =>
    matchMedia(query),
  );
  for (const query of queries) query.addEventListener("change", changed);
  const observer = new MutationObserver(changed);
  for (const element of [document.documentElement, document.body]) {
    observer.observe(element, {
      attributeFilter: ["class", "style", "data-theme", "data-jp-theme-light"],
    });
  }
  return () => {
    for (const query of queries) query.removeEventListener("change", changed);
    observer.disconnect();
  };
}

/** Is the ground of an element dark? A notebook's theme need not be the system's. */
function isDark(lowest) {
  for (let element = lowest; element; element = element.parentElement) {
    const [red, green, blue, alpha] = parseColour(getComputedStyle(element).backgroundColor, true);
    if (alpha > 127) return luminance([red, green, blue]) < 0.2;
  }
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

let pixel = /** @type {any} */ (null);

/** Any CSS colour as numbers from 0 to 255, by painting it. */
function parseColour(text, withAlpha = false) {
  pixel ??= new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
  pixel.clearRect(0, 0, 1, 1);
  pixel.fillStyle = text;
  pixel.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = pixel.getImageData(0, 0, 1, 1).data;
  return withAlpha ? [red, green, blue, alpha] : [red, green, blue];
}

/**
 * @typedef {object} Scale
 * @property {Shades} warm for positive numbers
 * @property {Shades} cold for negative ones
 * @property {Shades} share for shares of 1
 */

/** The three scales of a theme, from the paper to the full hue times `strength`. */
function scales(colours, strength) {
  const make = (hue) => new Shades(colours["paper-2"], colours[hue], strength, colours);
  return {warm: make("warm"), cold: make("cold"), share: make("share")};
}

/** The shades of one hue: as CSS, as a pixel, and the text colour that is read best on each. */
class Shades {
  constructor(from, to, strength, colours) {
    const steps = Array.from({length: SHADES}, (_, step) =>
      mix(from, to, (strength * step) / (SHADES - 1)),
    );
    this.css = steps.map(cssOf);
    this.text = steps.map((colour) => cssOf(mostReadable(colour, colours.ink, colours["paper-2"])));
    this.pixels = Uint32Array.from(
      steps,
      ([red, green, blue]) => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0,
    );
  }
}

/**
 * The shade of a number, from 0 to 127. Its size is taken by the square root of its share of the largest:
 * GPT-2 has a few numbers a thousand times as large as the rest, and a straight scale would show those alone.
 */
export function shadeOf(value, perLargest) {
  const share = Math.sqrt(Math.abs(value) * perLargest);
  return share >= 1 ? SHADES - 1 : (share * SHADES) | 0;
}

function mix(from, to, share) {
  return from.map((part, index) => Math.round(part + (to[index] - part) * share));
}

/** Of two inks the one that is read better; black or white where neither is read well. */
function mostReadable(ground, ...inks) {
  const best = (one, other) => (contrast(ground, other) > contrast(ground, one) ? other : one);
  const found = inks.reduce(best);
  return contrast(ground, found) >= 4.5
    ? found
    : [
        [0, 0, 0],
        [255, 255, 255],
      ].reduce(best);
}

/** Contrast of two colours. Source: WCAG 2.2. */
function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** Relative luminance. Source: WCAG 2.2. */
function luminance(colour) {
  const [red, green, blue] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function cssOf(colour) {
  return `rgb(${colour.join(" ")})`;
}
