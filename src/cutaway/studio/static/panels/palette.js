/** @file Finding: a table or an action (Ctrl+K), a row or a column of the shown table (Ctrl+G). */
import {html, signal, useEffect, useRef} from "../vendor/ui.js";
import {
  book,
  code,
  dialog,
  drawer,
  drawerOpen,
  moved,
  openTable,
  select,
  table,
  tableInfo,
  view,
} from "../state.js";
import {ask} from "../server.js";
import {redo, reset, undo} from "../actions.js";
import {focusMiddle} from "../focus.js";
import {count, visible} from "../text.js";
import {CODE, TABS} from "./tabs.js";
import {fetchGlossary, glossary, openGlossary} from "./term.js";

/** A field with a list under it that the arrow keys go through. */
function Search({label, options, onChoose, query, onQuery, empty}) {
  const active = useRef(signal(0)).current;
  const latest = useRef();
  latest.current = Object.assign([...options], {onChoose});
  const list = useRef();
  useEffect(() => {
    active.value = 0;
  }, [query]);
  useEffect(() => {
    list.current?.children[active.value]?.scrollIntoView({block: "nearest"});
  }, [active.value]);
  const onKey = (event) => {
    const by = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (by && options.length) {
      event.preventDefault();
      active.value = (active.value + by + options.length) % options.length;
    } else if (event.key === "Enter") {
      event.preventDefault();
      // After the list has followed what was typed last: fast fingers are ahead of it.
      setTimeout(() => {
        if (latest.current[active.value]) latest.current.onChoose(latest.current[active.value]);
      }, 50);
    }
  };
  return html`
    <label class="label" for="search">${label}</label>
    <input id="search" class="field" data-first role="combobox" aria-expanded="true"
      aria-controls="options" aria-autocomplete="list" autocomplete="off" spellcheck=${false}
      aria-activedescendant=${options.length ? `option-${active.value}` : null} value=${query}
      onInput=${(event) => onQuery(event.target.value)} onKeyDown=${onKey} />
    <ul class="options" id="options" role="listbox" aria-label=${label} ref=${list}>
      ${options.map(
        (option, index) => html`
          <li key=${option.key} id=${`option-${index}`} class="option" role="option"
            aria-selected=${index === active.value} onClick=${() => onChoose(option)}>
            <code>${option.words}</code>
            ${option.star && html`<span class="star">★</span>`}
            <span class="small quiet">${option.more}</span>
          </li>
        `,
      )}
    </ul>
    ${!options.length && html`<p class="quiet small">${empty}</p>`}
  `;
}

const MOST = 60;

/** A table as it is found: by its name, else by what it means or how it is made. */
function foundAs(model, name, more) {
  const {words, formula} = model.meanings[name.replace(/^h\d+\./, "")];
  return {
    key: name,
    words: name,
    about: `${words} ${formula}`,
    meaning: words,
    more,
    table: true,
    act: () => openTable(name),
    star: moved.value.has(name),
  };
}

/** A tab of the drawer, unfolded. */
function openTab(tab) {
  if (CODE.has(tab)) code.value = true;
  drawer.value = tab;
  drawerOpen.value = true;
}

export function Palette() {
  const query = useRef(signal("")).current;
  const words = query.value.trim().toLowerCase().split(/\s+/);
  const {model} = book.value;
  const tables = model.map.flatMap((one) => [
    ...one.steps.map(({name, number}) => foundAs(model, name, `step ${number}`)),
    ...one.weights.map((name) => foundAs(model, name, "weight")),
  ]);
  const acts = [
    ["undo", undo],
    ["redo", redo],
    ["reset all changes", reset],
    [
      "overview",
      () => {
        view.value = "overview";
      },
    ],
    [
      "lessons",
      () => {
        view.value = "lessons";
      },
    ],
    [
      "writing",
      () => {
        view.value = "writing";
      },
    ],
    [
      "surprise: how unexpected each token is",
      () => {
        view.value = "surprise";
      },
    ],
    [
      "tokens",
      () => {
        view.value = "tokens";
      },
    ],
    [
      "scratch sheet",
      () => {
        view.value = "scratch";
      },
    ],
    [
      "weights and models",
      () => {
        view.value = "weights";
      },
    ],
    [
      "workbooks: switch, name, delete",
      () => {
        dialog.value = "workbooks";
      },
    ],
    ...Object.entries(TABS).map(([tab, title]) => [title.toLowerCase(), () => openTab(tab)]),
    [
      "claims and the certificate: verify every table",
      () => {
        view.value = "claims";
      },
    ],
    [
      "help",
      () => {
        dialog.value = "help";
      },
    ],
  ].map(([name, act]) => ({key: name, words: name, more: "action", act}));
  const name = words.join(".");
  const far = ({words: own}) =>
    own === name ? 0 : own.startsWith(name) ? 1 : own.endsWith(`.${name}`) ? 2 : 3;
  const within = (text) => words.every((word) => text.toLowerCase().includes(word));
  const named = [...tables, ...acts]
    .filter((one) => within(one.words))
    .sort((a, b) => far(a) - far(b));
  const meant = tables
    .filter((one) => !within(one.words) && within(`${one.words} ${one.about}`))
    .map((one) => ({...one, more: one.meaning}));
  useEffect(() => {
    fetchGlossary();
  }, []);
  const wordsOfGlossary = glossary.value
    .filter(({word}) => query.value.trim() && within(word))
    .map(({word, kind}) => ({
      key: `glossary ${kind} ${word}`,
      words: word,
      more: "glossary",
      act: () => openGlossary(word),
    }));
  const all = [...named, ...wordsOfGlossary, ...meant];
  return html`
    <${Search} label="Find a table or an action" query=${query.value} onQuery=${(text) => {
      query.value = text;
    }}
      options=${all.slice(0, MOST)}
      empty="No table has these words in its name, meaning or formula; no action or word is called so."
      onChoose=${(option) => {
        dialog.value = "";
        option.act();
        if (option.table) setTimeout(focusMiddle, 60); // after the dialog has given the focus back
      }} />
    ${all.length > MOST && html`<p class="quiet small">and ${all.length - MOST} more: type on</p>`}
  `;
}

export function GoTo() {
  const axis = useRef(signal("row")).current;
  const query = useRef(signal("")).current;
  const found = useRef(signal(/** @type {any} */ (null))).current; // null: it is being looked for
  const shown = tableInfo.value;
  useEffect(() => {
    let old = false;
    found.value = query.value ? null : [];
    if (query.value)
      ask("find", {
        table: table.value,
        select: select.value,
        axis: axis.value,
        query: query.value,
      }).then(
        (answer) => {
          if (!old) found.value = answer.found;
        },
        () => {
          if (!old) found.value = [];
        },
      );
    return () => {
      old = true;
    };
  }, [query.value, axis.value]);
  const go = (option) => {
    dialog.value = "";
    openTable(
      table.value,
      {},
      axis.value === "row" ? {row: option.index, column: 0} : {row: 0, column: option.index},
    );
    setTimeout(focusMiddle, 60); // after the dialog has given the focus back
  };
  const none = query.value ? "Nothing is called so." : "";
  const empty = found.value === null ? "Looking …" : none;
  const along = axis.value === "row" ? shown.row_axis : shown.column_axis;
  const last = (axis.value === "row" ? shown.rows : shown.columns) - 1;
  const options = (found.value ?? []).map(({index, id, text}) => ({
    key: index,
    index,
    words: text ? `${along} ${index}  ${visible(text)}` : `${along} ${index}`,
    more: `${id === null ? "" : `token id ${id}; `}${count(index + 1)}, counted from 1`,
  }));
  return html`
    <h2>Go to, in <code>${table.value}</code></h2>
    <div class="row">
      <span class="group" role="group" aria-label="Along">
        <button class="button" aria-pressed=${axis.value === "row"} onClick=${() => {
          axis.value = "row";
        }}>row: ${shown.row_axis}</button>
        ${
          shown.column_axis &&
          html`
            <button class="button" aria-pressed=${axis.value === "column"} onClick=${() => {
              axis.value = "column";
            }}>column: ${shown.column_axis}</button>
          `
        }
      </span>
    </div>
    <${Search}
      label=${`A number from 0 to ${last.toLocaleString("en")}, a token's id, or its text`}
      query=${query.value} onQuery=${(text) => {
        query.value = text;
      }}
      options=${options} empty=${empty} onChoose=${go} />
  `;
}
