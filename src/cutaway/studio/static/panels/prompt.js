/** @file The prompt: its field, the model's own marks, and what its writer should know of it. */
import {html, signal, useEffect, useRef} from "../vendor/ui.js";
import {book, drawer, drawerOpen, pending} from "../state.js";
import {setPrompt} from "../actions.js";

export function Prompt() {
  const field = useRef();
  const {prompt, version} = book.value;
  const typed = useRef(signal(prompt)).current;
  useEffect(() => {
    if (document.activeElement === field.current) return; // somebody is typing
    field.current.value = prompt;
    typed.value = prompt;
    inserted.current = false;
  }, [prompt, version]);
  const inserted = useRef(false);
  const own = () => inserted.current || book.value.typed.special; // marks are the model's own
  const submit = (event) => {
    event.preventDefault();
    if (field.current.value !== prompt) setPrompt(field.current.value, own());
  };
  const insert = (mark) => {
    const {value, selectionStart: from, selectionEnd: to} = field.current;
    field.current.value = value.slice(0, from) + mark + value.slice(to);
    field.current.focus();
    field.current.setSelectionRange(from + mark.length, from + mark.length);
    inserted.current = true;
    typed.value = field.current.value;
  };
  return html`
    <form class="prompt" onSubmit=${submit}>
      <label class="label" for="prompt">Prompt</label>
      <input id="prompt" class="field" ref=${field} defaultValue=${prompt} autocomplete="off"
        spellcheck=${false} title="Type any text; Enter calculates every table for it"
        onInput=${(event) => {
          typed.value = event.target.value;
        }} />
      ${
        typed.value !== prompt &&
        html`<span class="small changed">${pending.value ? "pending" : "press Enter"}</span>`
      }
      <${Marks} insert=${insert} />
      <button class="button primary"
        title="Choose one token, with the settings of the Generate tab, and append it"
        onClick=${(event) => {
          event.preventDefault();
          generateOne(field.current.value, prompt, own());
        }}
        type="button">Next token</button>
    </form>
  `;
}

async function generateOne(typed, prompt, special) {
  if (typed !== prompt && !(await setPrompt(typed, special))) return;
  const {write} = await import("./generate.js");
  drawer.value = "generate";
  drawerOpen.value = true;
  await write(1);
}

/** The model's special tokens, to be put where the caret is; several are in a list. */
function Marks({insert}) {
  const {marks} = book.value.model;
  if (!marks.length) return null;
  if (marks.length === 1)
    return html`
      <button class="button mark-button" type="button"
        title=${`Put ${marks[0]} where the caret is: the model’s own mark, one token and no letters`}
        onClick=${() => insert(marks[0])}>
        <span class="hidden-text">Insert ${marks[0]}</span>
        <span aria-hidden="true">${"<|…|>"}</span>
      </button>
    `;
  return html`
    <select class="field small mark-button" aria-label="Insert a special token" value=""
      onChange=${(event) => {
        insert(event.target.value);
        event.target.value = "";
      }}>
      <option value="">${"<|…|>"}</option>
      ${marks.map((mark) => html`<option key=${mark}>${mark}</option>`)}
    </select>
  `;
}

/** What the writer of the prompt should know of it, and how else a mark in it can be read. */
export function Hints() {
  const {
    prompt,
    typed: {special, marks, unread, hints},
  } = book.value;
  if (!hints.length && !marks.length) return null;
  return html`
    <div class="prompt-hints small" role="status">
      ${hints.map((hint) => html`<p key=${hint}>${hint}</p>`)}
      ${
        unread.length > 0 &&
        html`
          <button class="link" onClick=${() => setPrompt(prompt, true)}>
            Read as the model’s own
          </button>
        `
      }
      ${
        special &&
        marks.length > 0 &&
        html`
          <p>${marks.join(", ")} is the model’s own token here, and no letters.</p>
          <button class="link" onClick=${() => setPrompt(prompt, false)}>Read as letters</button>
        `
      }
    </div>
  `;
}
