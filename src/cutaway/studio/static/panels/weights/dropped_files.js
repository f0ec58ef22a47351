/** @file What was dropped or chosen, as plain files; of folders those that lie at the top. */

const WEIGHTS = /\.(csv|zip|safetensors|bin|pt|pth|index)$/i;

/** Whether a drag carries files. */
export function hasFiles(event) {
  return [...(event.dataTransfer?.types ?? [])].includes("Files");
}

/** The files of a drop, folders opened. @returns {Promise<{path: string, file: File}[]>} */
export async function filesOf(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return chosen(transfer.files);
  return topmost((await Promise.all(entries.map((entry) => within(entry, "")))).flat());
}

/** The files of a chooser. */
export function chosen(list) {
  return topmost([...list].map((file) => ({path: file.webkitRelativePath || file.name, file})));
}

/** Of a folder's files those beside its weights: what lies deeper belongs to other formats, or to git. */
export function topmost(files) {
  const depth = ({path}) => path.split("/").length;
  const weights = files.filter(({path}) => WEIGHTS.test(path));
  const top = Math.min(...(weights.length ? weights : files).map(depth));
  return files.filter((file) => depth(file) === top);
}

/** What to call a model that came in these files: after its folder, or after its only file. */
export function nameFor(files) {
  const folder = files.map(({path}) => path.split("/").at(-2)).find(Boolean);
  const archive = files.map(({path}) => path).find((path) => /\.zip$/i.test(path));
  const plain = (folder ?? archive?.replace(/\.zip$/i, "") ?? "")
    .replace(/[^\w.-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+|-+$/g, "");
  return plain.slice(0, 60) || "my-model";
}

async function within(entry, path) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => {
      entry.file(resolve, reject);
    });
    return [{path: path + entry.name, file}];
  }
  const found = [];
  const reader = entry.createReader();
  for (;;) {
    // a reader gives a hundred at a time
    const some = await new Promise((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (!some.length) break;
    found.push(...some);
  }
  return (await Promise.all(found.map((one) => within(one, `${path}${entry.name}/`)))).flat();
}
