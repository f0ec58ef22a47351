/** @file Files that come from the disk and go there, by the browser's own dialogs. */

const MOST_NAME = 48;

/** A name for a file about a prompt: "mike-is-quick-he-moves.py". */
export function fileName(prompt, ending) {
  const words = prompt
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, " ")
    .trim();
  const short = words.slice(0, MOST_NAME).trim().replaceAll(" ", "-");
  return `${short || "workbook"}.${ending}`;
}

/** Hand an answer to the browser as a file. */
export async function download(response, name) {
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** A file that the visitor chooses; nothing when they do not. */
export function chooseFile(accept) {
  return new Promise((resolve) => {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = accept;
    input.onchange = () => resolve(input.files?.[0] ?? null);
    input.oncancel = () => resolve(null);
    input.click();
  });
}

/**
 * A file's text. Workbooks are UTF-8; a spreadsheet may write anything, and its digits are the same
 * in all.
 */
export async function textOf(file, {anyEncoding = false} = {}) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const mark =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? "utf-16le"
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? "utf-16be"
        : "utf-8";
  try {
    return new TextDecoder(anyEncoding ? mark : "utf-8", {fatal: true}).decode(bytes);
  } catch {
    if (anyEncoding) return new TextDecoder("windows-1252").decode(bytes);
    throw new Error(`${file.name} is not UTF-8, as a workbook is. Is it another file?`);
  }
}
