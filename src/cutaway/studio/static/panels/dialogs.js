/** @file What floats above the page: the palette (Ctrl+K), go to (Ctrl+G), help (?), an operation's code. */
import {html, signal, useEffect, useLayoutEffect, useRef} from "../vendor/ui.js";
import {book, dialog, moved, openTable, place, select, sheet, table, visible} from "../state.js";
import {ask} from "../server.js";
import {redo, reset, undo} from "../acts.js";
import {focusMiddle} from "../focus.js";
import {OperationDialog} from "./formula.js";

const SHOWN = {palette: Palette, goto: GoTo, help: Help, operation: OperationDialog};

export function Dialogs() {
  const Shown = SHOWN[dialog.value];
  return Shown ? html`<${Frame} key=${dialog.value}><${Shown} /></${Frame}>` : null;
}

/** A modal dialog: the keyboard stays inside, Escape closes it, and the focus goes back. */
function Frame({children}) {
  const frame = useRef();
  // At once, before the next key: who types right after Ctrl+K types into the dialog.
  useLayoutEffect(() => {
    const before = document.activeElement;
    (frame.current.querySelector("[data-first], .code-field") ?? frame.current).focus();
    return () => {
      if (before && before !== document.body && before.isConnected) before.focus();
      else requestAnimationFrame(focusMiddle);
    };
  }, []);
  const onKey = (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      dialog.value = "";
    }
    if (event.key !== "Tab") return;
    const inside = [
      ...frame.current.querySelectorAll(
        "button:not(:disabled), input, select, textarea, [tabindex='0'], .code-host:not([hidden])",
      ),
    ];
    const edge = event.shiftKey ? inside[0] : inside.at(-1);
    if (document.activeElement === edge || document.activeElement === frame.current) {
      event.preventDefault();
      const next = event.shiftKey ? inside.at(-1) : inside[0];
      (next?.shadowRoot?.querySelector(".cm-content") ?? next)?.focus();
    }
  };
  return html`
    <div class="veil" onPointerDown=${(event) => {
      if (event.target === event.currentTarget) dialog.value = "";
    }}>
      <div class="dialog" role="dialog" aria-modal="true" aria-label=${dialog.value} tabindex="-1"
        ref=${frame} onKeyDown=${onKey}>${children}</div>
    </div>
  `;
}

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

function Palette() {
  const query = useRef(signal("")).current;
  const words = query.value.trim().toLowerCase().split(/\s+/);
  const {model} = book.value;
  const tables = model.map.flatMap((one) => [
    ...one.steps.map(({name, number}) => ({
      key: name,
      words: name,
      more: `step ${number}`,
      act: () => openTable(name),
      star: moved.value.has(name),
    })),
    ...one.weights.map((name) => ({
      key: name,
      words: name,
      more: "weight",
      act: () => openTable(name),
      star: moved.value.has(name),
    })),
  ]);
  const acts = [
    ["undo", undo],
    ["redo", redo],
    ["reset all changes", reset],
    [
      "tokens",
      () => {
        place.value = "tokens";
      },
    ],
    [
      "scratch sheet",
      () => {
        place.value = "scratch";
      },
    ],
    [
      "weights and models",
      () => {
        place.value = "weights";
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
  const found = [...tables, ...acts]
    .filter((one) => words.every((word) => one.words.toLowerCase().includes(word)))
    .sort((a, b) => far(a) - far(b));
  return html`
    <${Search} label="Find a table or an action" query=${query.value} onQuery=${(text) => {
      query.value = text;
    }}
      options=${found.slice(0, MOST)} empty="No table has these words in its name."
      onChoose=${(option) => {
        dialog.value = "";
        option.act();
      }} />
    ${
      found.length > MOST &&
      html`<p class="quiet small">and ${found.length - MOST} more: type on</p>`
    }
  `;
}

function GoTo() {
  const axis = useRef(signal("row")).current;
  const query = useRef(signal("")).current;
  const found = useRef(signal([])).current;
  const shown = sheet.value;
  useEffect(() => {
    let old = false;
    if (!query.value) found.value = [];
    else
      ask("find", {
        table: table.value,
        select: select.value,
        axis: axis.value,
        query: query.value,
      }).then(
        (told) => {
          if (!old) found.value = told.found;
        },
        () => {},
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
    document.querySelector(".grid-place [role=grid]")?.focus();
  };
  const along = axis.value === "row" ? shown.row_axis : shown.column_axis;
  const last = (axis.value === "row" ? shown.rows : shown.columns) - 1;
  const options = found.value.map(({index, id, text}) => ({
    key: index,
    index,
    words: text ? `${along} ${index}  ${visible(text)}` : `${along} ${index}`,
    more: id === null ? `number ${index + 1} from 1` : `token id ${id}, number ${index + 1} from 1`,
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
      options=${options} empty=${query.value ? "Nothing is called so." : ""} onChoose=${go} />
  `;
}

const KEYS = [
  ["Ctrl+K", "find a table"],
  ["Ctrl+G", "go to a row or column: by number, id or text"],
  ["Ctrl+[  Ctrl+]", "the table that this one reads, or that reads it"],
  [
    "arrows, PgUp, PgDn, Home, End",
    "move in the grid; with Shift select; with Ctrl go to the edge",
  ],
  ["Enter or F2, Esc", "edit a number, leave it as it was"],
  ["Delete", "set the selected cells to 0"],
  ["Ctrl+C, Ctrl+V", "copy cells, paste a block of numbers"],
  ["Ctrl+Z, Ctrl+Y", "undo, redo"],
  ["Ctrl+S", "save the workbook as a file"],
  ["Ctrl+Enter", "run a cell, apply an operation's code"],
  ["F10, F11, Shift+F11, F5", "debugger: next line, step into, out, continue"],
  ["?", "this page"],
];

function Help() {
  return html`
    <h2>Help</h2>
    <p>
      Everything that GPT-2 calculates between your prompt and its next token is a${" "}
      <b>table</b>, made by a <b>formula</b> from the tables before it. Open any table in the
      map on the left. Change a number, a formula or the prompt, and what depends on it is
      calculated again: a star marks what moved. Undo brings everything back.
    </p>
    <p class="small quiet">
      Counting begins at 0, as the token ids do: row 318 is the 319th. Orange is positive,
      blue negative, green a share of 1. Nothing leaves this machine. Cells and formulas are
      Python and run with your rights.
    </p>
    <table class="plain help-keys">
      <tbody>
        ${KEYS.map(
          ([keys, words]) => html`
            <tr key=${keys}>
              <th scope="row"><kbd>${keys}</kbd></th>
              <td>${words}</td>
            </tr>
          `,
        )}
      </tbody>
    </table>
    <div class="row dialog-acts">
      <button class="button" data-first onClick=${() => {
        dialog.value = "";
      }}>Close</button>
    </div>
  `;
}
