/** @file The workbooks of this computer: one click opens another; each can be named and deleted. */
import {html, signal, useEffect, useRef} from "../vendor/ui.js";
import {book, dialog, say, showError} from "../state.js";
import {ask, onPush} from "../server.js";
import {count, several, when} from "../text.js";

/** @typedef {import("../messages.js").Answers["books"]["books"][number]} Book */

const MOST_SHOWN = 200;
const MOST_LETTERS = 100;
/** All workbooks, the one that was used last first; null until they are known. */
const books = signal(/** @type {Book[] | null} */ (null));
/** What is being done to one of them: "name", "delete" or "open", and which; or null. */
const doing = signal(/** @type {{what: string, book: string} | null} */ (null));

async function load() {
  try {
    books.value = (await ask("books")).books;
  } catch (error) {
    showError(error);
  }
}
onPush("books", () => {
  if (books.value) load();
});

/** Ask for something to be done to the list. @returns whether it was */
async function done(verb, fields, words) {
  try {
    await ask(verb, fields);
    if (words) say(words);
    await load();
    return true;
  } catch (error) {
    showError(error);
    return false;
  }
}

/** What a workbook goes by: its name, else its prompt. @param {Book} one */
const titleOf = ({name, prompt}) => name || `“${prompt}”`;
/** The same within a sentence. @param {Book} one */
const quoted = ({name, prompt}) => `“${name || prompt}”`;

async function openBook(one) {
  if (one.open === "here") {
    dialog.value = "";
    return;
  }
  doing.value = {what: "open", book: one.book};
  const isOpen = await done("book_open", {book: one.book}, `${quoted(one)} is open.`);
  doing.value = null;
  if (isOpen) dialog.value = "";
}

async function begin() {
  const {prompt, changes, cells, name} = book.value;
  if (!changes.length && !cells.length && !name) {
    say("This workbook is a new one: nothing in it was changed yet.");
    return;
  }
  const words = "A new workbook, on the same model and prompt. The one before is kept.";
  if (await done("new", {prompt}, words)) dialog.value = "";
}

export function BooksDialog() {
  useEffect(() => {
    load();
    return () => {
      doing.value = null;
    };
  }, []);
  const all = books.value;
  const list = useRef();
  useEffect(() => {
    list.current?.querySelector("[data-here]")?.focus();
  }, [Boolean(all)]);
  return html`
    <header class="books-head">
      <h2>Workbooks</h2>
      ${book.value && html`<button class="button" onClick=${begin}>New workbook</button>`}
    </header>
    <p class="small">
      A model, a prompt, your changes and your cells. Each is kept on this computer by itself:
      opening another one, or another model, loses nothing.
    </p>
    ${
      all
        ? html`
          <ul class="books" aria-label="Workbooks" ref=${list}>
            ${all.slice(0, MOST_SHOWN).map((one) => html`<${Line} key=${one.book} one=${one} />`)}
          </ul>
        `
        : html`<p class="quiet busy" role="status">Looking through the workbooks …</p>`
    }
    ${
      all &&
      all.length > MOST_SHOWN &&
      html`
        <p class="quiet small">
          and ${count(all.length - MOST_SHOWN)} older ones: <code>cutaway books</code> lists them.
        </p>
      `
    }
    <div class="row dialog-acts">
      <button class="button" onClick=${() => {
        dialog.value = "";
      }}>Close</button>
    </div>
  `;
}

/** @param {{one: Book}} props */
function Line({one}) {
  const title = titleOf(one);
  const now = doing.value?.book === one.book ? doing.value.what : "";
  const held = [
    one.model,
    one.changes ? several(one.changes, "change") : "no changes",
    one.cells && several(one.cells, "cell"),
    when(one.used),
  ];
  if (now === "name") return html`<${NameForm} one=${one} />`;
  if (now === "delete") return html`<${Sure} one=${one} />`;
  const away = one.open === "elsewhere";
  const act = (what) => () => {
    doing.value = {what, book: one.book};
  };
  return html`
    <li class="book" aria-current=${one.open === "here" ? "true" : null}>
      <button class="book-open" ...${one.open === "here" ? {"data-here": true} : {}}
        disabled=${away || !one.has_model || doing.value?.what === "open"} onClick=${() => openBook(one)}>
        <b>${title}</b>
        ${one.name && html`<span class="quiet book-prompt">“${one.prompt}”</span>`}
        <small>${held.filter(Boolean).join(" · ")}${now === "open" ? " · opening …" : ""}</small>
        ${
          !one.has_model &&
          html`
            <small class="bad">
              Its model, ${one.model}, is not on this computer any more. Bring it back to open it.
            </small>
          `
        }
        ${away && html`<small>Open in another cutaway: go on in its window.</small>`}
        ${!one.trusted && html`<small>From a file; nothing of it has run.</small>`}
      </button>
      <span class="book-acts">
        ${one.open === "here" && html`<span class="wt-open">open</span>`}
        <button class="button" id=${`book-name-${one.book}`} disabled=${away}
          aria-label=${`Name ${title} …`} onClick=${act("name")}>Name …</button>
        <button class="button" id=${`book-delete-${one.book}`} disabled=${one.open !== ""}
          aria-label=${`Delete ${title} …`}
          title=${one.open ? "It is open: open another one first" : null}
          onClick=${act("delete")}>Delete …</button>
      </span>
    </li>
  `;
}

/** The focus goes into the question, and back to the button that asked it. */
function useFocus(place, button) {
  useEffect(() => {
    place.current.focus();
    return () => setTimeout(() => document.getElementById(button)?.focus());
  }, []);
}

const leave = () => {
  doing.value = null;
};

/** Escape ends the question, and not the dialog around it. */
const onEscape = (event) => {
  if (event.key !== "Escape") return;
  event.preventDefault();
  event.stopPropagation();
  leave();
};

/** @param {{one: Book}} props */
function NameForm({one}) {
  const field = useRef();
  useFocus(field, `book-name-${one.book}`);
  const submit = async (event) => {
    event.preventDefault();
    if (await done("book_name", {book: one.book, name: field.current.value})) leave();
  };
  return html`
    <li class="book asking">
      <form class="row" onSubmit=${submit} onKeyDown=${onEscape}>
        <input class="field" ref=${field} aria-label=${`A name for ${titleOf(one)}`}
          defaultValue=${one.name} maxlength=${MOST_LETTERS} autocomplete="off"
          placeholder="without a name it goes by its prompt" />
        <button class="button primary">Keep the name</button>
        <button class="button" type="button" onClick=${leave}>Cancel</button>
      </form>
    </li>
  `;
}

/** @param {{one: Book}} props */
function Sure({one}) {
  const keep = useRef();
  const title = titleOf(one);
  useFocus(keep, `book-delete-${one.book}`);
  const remove = async () => {
    await done("book_delete", {book: one.book}, `${quoted(one)} was deleted.`);
    leave();
  };
  const held = [
    one.changes && several(one.changes, "change"),
    one.cells && several(one.cells, "cell"),
  ].filter(Boolean);
  return html`
    <li class="book asking" role="group" aria-label=${`Delete ${title}?`} onKeyDown=${onEscape}>
      <p class="bad">
        Delete ${quoted(one)}${held.length > 0 && ` with ${held.join(" and ")}`} for good?
      </p>
      <span class="book-acts">
        <button class="button" onClick=${remove}>Delete</button>
        <button class="button" ref=${keep} onClick=${leave}>Keep it</button>
      </span>
    </li>
  `;
}
