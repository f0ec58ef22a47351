/** @file The tokenizer in view: a place of six tabs, from the prompt's tokens to the learning of new ones. */
import {html, useRef} from "../vendor/ui.js";
import {tab, vocabulary} from "./tokens/where.js";
import {VocabularyChoice} from "./tokens/choice.js";
import {Prompt} from "./tokens/prompt.js";
import {Merging} from "./tokens/merging.js";
import {Spellings} from "./tokens/spellings.js";
import {Vocabulary} from "./tokens/vocabulary.js";
import {Merges} from "./tokens/merges.js";
import {Learn} from "./tokens/learn.js";

const TABS = [
  {name: "prompt", title: "Prompt", panel: Prompt},
  {name: "merging", title: "Merge by merge", panel: Merging},
  {name: "spellings", title: "Spellings", panel: Spellings},
  {name: "vocabulary", title: "Vocabulary", panel: Vocabulary},
  {name: "merges", title: "Merges", panel: Merges},
  {name: "learn", title: "Learn", panel: Learn},
];
const MOVES = {ArrowRight: 1, ArrowLeft: -1};

/** The place in the middle of the page that shows the tokenizer. */
export function TokensPlace() {
  const list = useRef(null);
  const chosen = Math.max(0, TABS.findIndex(({name}) => name === tab.value));
  const {name, panel} = TABS[chosen];

  const move = (event) => {
    const place = {Home: 0, End: TABS.length - 1}[event.key]
      ?? (event.key in MOVES ? (chosen + MOVES[event.key] + TABS.length) % TABS.length : null);
    if (place === null) return;
    event.preventDefault();
    tab.value = TABS[place].name;
    list.current.children[place].focus();
  };

  return html`
    <section class="tk" aria-label="Tokenizer">
      <h2 class="hidden-text">Tokenizer</h2>
      <div class="tabs">
        <div class="tk-tabs" role="tablist" aria-label="Views of the tokenizer" ref=${list} onKeyDown=${move}>
          ${TABS.map((one, place) => html`
            <button key=${one.name} class="tab" role="tab" id=${`tk-tab-${one.name}`} aria-controls="tk-panel"
              aria-selected=${place === chosen} tabIndex=${place === chosen ? 0 : -1}
              onClick=${() => { tab.value = one.name; }}>${one.title}</button>`)}
        </div>
        <${VocabularyChoice} />
      </div>
      <div class=${`tk-panel tk-panel-${name}`} role="tabpanel" id="tk-panel" aria-labelledby=${`tk-tab-${name}`}>
        <${panel} key=${`${name} ${vocabulary.value}`} />
      </div>
    </section>`;
}
