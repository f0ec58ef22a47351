// Bundles the third-party code of the studio's page into static/vendor/, the same bytes each time.
//
//     npm ci && node build.mjs            into src/cutaway/studio/static/vendor
//     node build.mjs FOLDER               into another folder, to compare

import {build} from "esbuild";
import {existsSync} from "node:fs";
import {copyFile, mkdir, readFile, readdir, rm, writeFile} from "node:fs/promises";
import {dirname, join, relative, resolve} from "node:path";
import {fileURLToPath} from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const page = resolve(here, "../../src/cutaway/studio/static");
const out = resolve(process.argv[2] ?? join(page, "vendor"));

const BUNDLES = {
  ui: join(here, "entries/ui.js"),
  codemirror: join(here, "entries/codemirror.js"),
  "grid-widget": join(page, "grid/grid.js"),
};
const FONTS = {"ibm-plex-sans": [400, 600], "ibm-plex-mono": [400, 500]};
const SUBSETS = ["latin", "latin-ext"];

/** One bundle written; gives the names of the packages that are in it. */
async function bundle(name, entry) {
  const result = await build({
    entryPoints: {[name]: entry},
    outdir: out,
    absWorkingDir: here,
    nodePaths: [join(here, "node_modules")],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    legalComments: "none", // the whole licences are in LICENSES.txt
    sourcemap: false,
    metafile: true,
    logLevel: "warning",
  });
  return Object.keys(result.metafile.inputs).flatMap(packageOf);
}

/** The package that a bundled file belongs to, in a list; an empty list for a file of our own. */
function packageOf(path) {
  const inside = path.split("node_modules/").slice(1).pop();
  if (!inside) return [];
  const parts = inside.split("/");
  return [inside.startsWith("@") ? parts.slice(0, 2).join("/") : parts[0]];
}

/** What tsc reads in a bundle's place: the types of the packages, by way of the entry. */
async function types(name, entry) {
  const from = (path) => `from "${relative(join(page, "vendor"), path).replaceAll("\\", "/")}";\n`;
  const empty = `export {type Signal, signal, useRef} ${from(join(here, "entries/empty.js"))}`;
  await writeFile(
    join(out, `${name}.d.ts`),
    `export * ${from(entry)}${name === "ui" ? empty : ""}`,
  );
}

/** The font files copied; gives the packages that they are from. */
async function copyFonts() {
  await mkdir(join(out, "fonts"), {recursive: true});
  for (const [family, weights] of Object.entries(FONTS)) {
    for (const weight of weights) {
      for (const subset of SUBSETS) {
        const file = `${family}-${subset}-${weight}-normal.woff2`;
        const from = join(here, "node_modules/@fontsource", family, "files", file);
        await copyFile(from, join(out, "fonts", file));
      }
    }
  }
  return Object.keys(FONTS).map((family) => `@fontsource/${family}`);
}

/** Name, version and the whole licence of one package. */
async function licence(name) {
  const folder = join(here, "node_modules", name);
  const {version, license} = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name} ${version} has no licence file: it cannot be bundled.`);
  const text = (await readFile(join(folder, file), "utf8")).replaceAll("\r\n", "\n").trim();
  return `${name} ${version} (${license})\n${"-".repeat(72)}\n${text}\n`;
}

const names = await copyFonts();
for (const [name, entry] of Object.entries(BUNDLES)) {
  if (entry.startsWith(here)) await types(name, entry);
  if (existsSync(entry)) names.push(...(await bundle(name, entry)));
  else await rm(join(out, `${name}.js`), {force: true});
}
const texts = await Promise.all([...new Set(names)].sort().map(licence));
await writeFile(
  join(out, "LICENSES.txt"),
  `The third-party code and fonts in this folder, and their licences.\n\n${texts.join("\n\n")}`,
);
