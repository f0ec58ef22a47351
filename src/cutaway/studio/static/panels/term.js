/** @file A word with what it means under it: one sentence, a small example, a spreadsheet's word. */
import {html, signal, useId, useRef, useState} from "../vendor/ui.js";
import {dialog} from "../state.js";
import {ask} from "../server.js";

/** All entries of the glossary; empty until they were asked for. */
export const glossary = signal(
  /** @type {import("../messages.js").Answers["glossary"]["entries"]} */ ([]),
);
/** What the glossary is searched for when it opens. */
export const sought = signal("");
const failed = signal("");

/** Fetch the glossary, once. */
export async function fetchGlossary() {
  if (glossary.value.length) return;
  try {
    glossary.value = (await ask("glossary")).entries;
    failed.value = "";
  } catch (error) {
    failed.value = error.message;
  }
}

export function openGlossary(word = "") {
  sought.value = word;
  dialog.value = "glossary";
}

const EDGE = 8; // pixels between a popover and the edge of the page

/**
 * A word that opens what it means.
 * @param {object} props
 * @param {string} props.word as the glossary has it
 * @param {string} [props.kind] which entry, where several have the word
 * @param {any} [props.children] the word as it is shown
 * @param {string | number} [props.says] what is shown, where that is another word
 * @param {any} [props.more] what else can be done with it
 */
export function Term({word, kind, children, says, more}) {
  const id = useId();
  const button = useRef();
  const [isOpen, setOpen] = useState(false);
  const place = ({newState, target}) => {
    if (newState !== "open") return;
    const {bottom, left} = button.current.getBoundingClientRect();
    target.style.top = `${bottom + 3}px`;
    target.style.left = `${left}px`;
    fetchGlossary();
  };
  const toggled = ({newState, target}) => {
    setOpen(newState === "open");
    if (newState !== "open") return;
    const {width, height, left, top} = target.getBoundingClientRect();
    target.style.left = `${Math.max(EDGE, Math.min(left, innerWidth - width - EDGE))}px`;
    target.style.top = `${Math.max(EDGE, Math.min(top, innerHeight - height - EDGE))}px`;
  };
  // What opens from here stands alone, and gives the focus back to the word.
  const away = ({target, currentTarget}) => {
    if (target.closest("button")) currentTarget.hidePopover();
  };
  return html`
    <button type="button" class="term" ref=${button} popovertarget=${id} aria-expanded=${isOpen}
      aria-label=${says ? `${says}: what is ${word}?` : `What is ${word}?`}>${children ?? word}</button>
    <div class="menu term-note" id=${id} popover role="group" aria-label=${`What ${word} is`}
      onBeforeToggle=${place} onToggle=${toggled} onClickCapture=${away}>
      ${isOpen && html`<${Note} word=${word} kind=${kind} more=${more} />`}
    </div>
  `;
}

function Note({word, kind, more}) {
  const entry = glossary.value.find(
    (one) => one.word === word && (kind === undefined || one.kind === kind),
  );
  return html`
    <p class="term-word">
      <code>${word}</code> ${entry && entry.kind !== "word" && html`<span class="label">${entry.kind}</span>`}
    </p>
    ${
      entry
        ? html`<${Meaning} entry=${entry} />`
        : html`<p>${failed.value || (glossary.value.length ? "The glossary has no such word." : "…")}</p>`
    }
    <div class="row term-acts">
      ${more}
      <button type="button" class="link small" onClick=${() => openGlossary(word)}>
        The whole glossary
      </button>
    </div>
  `;
}

/** What a word means, a small example, and what a spreadsheet has for it. */
export function Meaning({entry}) {
  return html`
    <p><${Marked} text=${entry.meaning} /></p>
    ${
      entry.example &&
      html`
        <p class="small"><span class="label">for example </span><${Marked} text=${entry.example} /></p>
      `
    }
    ${
      entry.spreadsheet &&
      html`
        <p class="small">
          <span class="label">in a spreadsheet </span><${Marked} text=${entry.spreadsheet} />
        </p>
      `
    }
  `;
}

/** Markdown's \`code\`, **strong** and *emphasis* as elements; everything else is text. */
function Marked({text}) {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*|\*[A-Za-z][^*]*\*)/).map((part, index) => {
    if (/^`.+`$/.test(part)) return html`<code key=${index}>${part.slice(1, -1)}</code>`;
    if (/^\*\*.+\*\*$/.test(part)) return html`<b key=${index}>${part.slice(2, -2)}</b>`;
    if (/^\*.+\*$/.test(part)) return html`<i key=${index}>${part.slice(1, -1)}</i>`;
    return part;
  });
}
