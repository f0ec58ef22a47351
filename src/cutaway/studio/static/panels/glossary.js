/** @file The whole glossary, with a filter. */
import {html, useEffect, useState} from "../vendor/ui.js";
import {several} from "../text.js";
import {dialog} from "../state.js";
import {fetchGlossary, glossary, Meaning, sought} from "./term.js";

const HEADINGS = {
  operation: "Operations",
  sign: "Signs",
  axis: "Axes",
  constant: "Constants",
  page: "On the page",
  word: "Words",
};

export function GlossaryDialog() {
  const [query, setQuery] = useState(sought.value);
  useEffect(() => {
    fetchGlossary();
  }, []);
  const wanted = query.trim().toLowerCase();
  const found = glossary.value.filter(
    ({word, meaning}) =>
      word.toLowerCase().includes(wanted) ||
      (wanted.length > 2 && meaning.toLowerCase().includes(wanted)),
  );
  const exact = found.filter(({word}) => word.toLowerCase() === wanted);
  return html`
    <h2>Glossary</h2>
    <div class="row">
      <input class="field" data-first type="search" value=${query} aria-label="Find a word"
        placeholder="Find a word" spellcheck=${false} autocomplete="off"
        onInput=${(event) => setQuery(event.currentTarget.value)} />
      <span class="small quiet" role="status">
        ${found.length ? several(found.length, "word") : `No word with “${query}”.`}
      </span>
    </div>
    <div class="glossary-list" tabindex="0" role="group" aria-label="Words">
      ${exact.map((entry) => html`<${Entry} key=${`exact ${entry.kind}`} entry=${entry} />`)}
      ${Object.entries(HEADINGS).map(([kind, heading]) => {
        const entries = found.filter((entry) => entry.kind === kind && !exact.includes(entry));
        return (
          entries.length > 0 &&
          html`
            <section key=${kind}>
              <h3 class="label">${heading}</h3>
              ${entries.map((entry) => html`<${Entry} key=${entry.word} entry=${entry} />`)}
            </section>
          `
        );
      })}
    </div>
    <div class="row dialog-acts">
      <button class="button" onClick=${() => {
        dialog.value = "";
      }}>Close</button>
    </div>
  `;
}

function Entry({entry}) {
  return html`
    <article class="glossary-entry" aria-label=${entry.word}>
      <p><dfn><code>${entry.word}</code></dfn></p>
      <div><${Meaning} entry=${entry} /></div>
    </article>
  `;
}
