/** @file What one takes away and brings: the workbook as .py, the page to read, tables as CSV,
 * the model as a spreadsheet and as SQL.
 */
import {html, signal, useEffect} from "../vendor/ui.js";
import {itemsOf, MenuButton, onMenuKey} from "./dialog.js";
import {book, view, say, select, tableInfo, showError, table} from "../state.js";
import {onPush, post} from "../server.js";
import {FilePreview, preview} from "./save/preview.js";
import {chooseFile, download, fileName, textOf} from "./save/files.js";

/** What is being written at the moment, in words; empty when nothing is. */
const doing = signal("");

/** Do something that takes a while, one at a time; a mistake is shown. */
async function during(words, work) {
  if (doing.value) return;
  doing.value = words;
  try {
    await work();
  } catch (error) {
    showError(error);
  } finally {
    doing.value = "";
  }
}

export const saveWorkbook = () =>
  during("Saving", async () => {
    const name = fileName(book.value.prompt, "py");
    await download(await post("/save/workbook", {name}), name);
    say(`${name}: the workbook, as a Python file. Open it with: cutaway open ${name}`);
  });

const savePage = () =>
  during("Writing the page", async () => {
    const name = fileName(book.value.prompt, "html");
    await download(await post("/save/page", {table: table.value, select: select.value}), name);
    say(`${name}: a page to read, which needs no server.`);
  });

const saveTable = () =>
  during("Writing the table", async () => {
    const name = `${table.value}.csv`;
    await download(await post("/save/table", {table: table.value}), name);
    say(`${name}: every number to its last digit.`);
  });

const saveSpreadsheet = () =>
  during("Writing the spreadsheet", async () => {
    const name = fileName(book.value.prompt, "xlsx");
    await download(await post("/save/xlsx", {}), name);
    say(`${name}: a spreadsheet in which every number is a live formula.`);
  });

const saveSql = () =>
  during("Writing SQL", async () => {
    const name = fileName(book.value.prompt, "sql");
    await download(await post("/save/sql", {}), name);
    const {name: model} = book.value.model;
    say(
      `${name}: it runs in duckdb, on the database that this makes: ` +
        `cutaway sql --load --model ${model} --database gpt.duckdb`,
    );
  });

const takeNumbers = async () => {
  const [into, chosen] = [table.value, select.value];
  const file = await chooseFile(".csv,.tsv,.txt,text/csv");
  if (!file) return;
  await during("Reading", async () => {
    const answer = await post("/save/numbers", {
      table: into,
      select: chosen,
      text: await textOf(file, {anyEncoding: true}),
    });
    say(`${(await answer.json()).words}: the numbers of ${file.name}.`);
  });
};

const openFile = async () => {
  const file = await chooseFile(".py");
  if (file) await during("Reading", () => preview(file));
};

/** The menu at the top right. */
export function SaveMenu() {
  useEffect(listenToPage, []);
  const shown = tableInfo.value;
  const items = [
    {
      words: "Save the workbook",
      more: ".py, with its changes and cells",
      key: "Ctrl+S",
      act: saveWorkbook,
    },
    {words: "Save a page to read", more: ".html, needs no server", act: savePage},
    {
      words: "Save a spreadsheet",
      more: ".xlsx, every step a block of live formulas",
      act: saveSpreadsheet,
    },
    {words: "Save as SQL", more: ".sql, a query for each step", act: saveSql},
    {
      words: "Open a workbook …",
      more: "a .py file; nothing of it runs before you say so",
      act: openFile,
    },
    {words: `${table.value} as CSV`, more: "every number of it", act: saveTable, of: "table"},
    {
      words: `Numbers from a CSV into ${table.value} …`,
      more:
        shown?.editable === false
          ? "this table cannot be changed"
          : "the whole table, or the page that is shown",
      act: takeNumbers,
      of: "table",
      off: shown?.editable === false,
    },
  ].filter((item) => item.of !== "table" || view.value === "table");
  return html`
    <span class="save">
      <${MenuButton} id="save-menu" role="menu" label="Save" kind="save-menu" words=${
        doing.value
          ? html`<span class="busy" role="status">${doing.value} …</span>`
          : html`Save <span aria-hidden="true">▾</span>`
      }
        onOpen=${(menu) => itemsOf(menu)[0].focus()} onKeyDown=${onMenuKey}>
        ${items.map(
          ({words, more, key, act, off}) => html`
            <button key=${words} role="menuitem" tabindex="-1" disabled=${off}
              popovertarget="save-menu" popovertargetaction="hide" onClick=${act}>
              <span class="save-words">${words}</span>
              ${key && html`<kbd>${key}</kbd>`}
              <small>${more}</small>
            </button>
          `,
        )}
      </${MenuButton}>
      <${FilePreview} saveFirst=${saveWorkbook} />
    </span>
  `;
}

/** Ctrl+S, a file that is dropped, and how far a long table is. */
function listenToPage() {
  const onSave = (event) => {
    if (
      (event.ctrlKey || event.metaKey) &&
      !event.altKey &&
      !event.shiftKey &&
      event.key.toLowerCase() === "s"
    ) {
      event.preventDefault();
      saveWorkbook();
    }
  };
  const onDrag = (event) => {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  };
  const stop = onPush("progress", ({what, done, of}) => {
    const mine = what === `${table.value} as CSV` || what === "spreadsheet";
    if (doing.value && mine && of > done)
      doing.value = `${Math.floor((100 * done) / of)} % written`;
  });
  /** @type {[string, (event: any) => void][]} */
  const listeners = [
    ["keydown", onSave],
    ["dragover", onDrag],
    ["drop", onDrop],
  ];
  for (const [kind, listener] of listeners) addEventListener(kind, listener);
  return () => {
    stop();
    for (const [kind, listener] of listeners) removeEventListener(kind, listener);
  };
}

/** A file that nobody else on the page has taken: a browser would leave the page to show it. */
function onDrop(event) {
  const files = [...(event.dataTransfer?.files ?? [])];
  if (event.defaultPrevented || !files.length) return;
  event.preventDefault();
  const [file] = files;
  if (files.length === 1 && file.name.endsWith(".py")) during("Reading", () => preview(file));
  else
    showError(
      new Error(
        `${file.name} was dropped. A workbook (.py) may be dropped anywhere; ` +
          "a model's files belong on “weights and models”.",
      ),
    );
}
