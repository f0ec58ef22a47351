/** @file The grid in the page: the same module that Jupyter shows, with the socket behind it. */
import {batch, html, useEffect, useRef} from "../vendor/ui.js";
import {mountGrid} from "../grid/grid.js";
import {
  book,
  cell,
  drawing,
  lines,
  moved,
  pending,
  reveal,
  say,
  select,
  tableInfo,
  showError,
  table,
} from "../state.js";
import {ask} from "../server.js";
import {fetchTheRest} from "../lazy.js";
import {setBlock, setNumber} from "../actions.js";

/** What an anywidget model is to the grid: values, their changes, and questions. */
class PageModel {
  #values = new Map();
  #listeners = new Map();

  get(name) {
    return this.#values.get(name) ?? null;
  }

  set(name, value) {
    if (JSON.stringify(this.get(name)) === JSON.stringify(value)) return;
    this.#values.set(name, value);
    this.#tell(`change:${name}`, this, value);
  }

  on(event, listener) {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
  }

  off(event, listener) {
    this.#listeners.set(
      event,
      (this.#listeners.get(event) ?? []).filter((one) => one !== listener),
    );
  }

  save_changes() {
    batch(() => {
      cell.value = this.get("selected");
      reveal.value = null;
    });
  }

  async send(message) {
    try {
      await this.#do(message);
    } catch (error) {
      if (message.request !== undefined)
        this.#tell("msg:custom", {re: message.request, error: error.message}, []);
      if (!["tile", "labels"].includes(message.do)) showError(error);
    }
  }

  async #do(message) {
    const {key, request, row, column} = message;
    if (message.do === "tile") {
      const {of, rows} = message;
      const tile = await ask("tile", {...JSON.parse(key), row, column, of, rows});
      this.#tell("msg:custom", {re: request, rows: tile.rows, columns: tile.columns}, [
        new DataView(tile.numbers),
      ]);
      fetchTheRest();
    } else if (message.do === "labels") {
      const answer = await ask("labels", {
        ...JSON.parse(key),
        axis: message.axis,
        first: message.first,
        count: message.count,
        rows: message.rows,
      });
      this.#tell("msg:custom", {re: request, ...answer}, []);
    } else if (message.do === "order") {
      const {descending} = message;
      const answer = await ask("order", {...JSON.parse(key), column, descending});
      this.#tell("msg:custom", {re: request, ...answer}, []);
    } else if (message.do === "edit") {
      await setNumber(message.text, message);
    } else if (message.do === "say") {
      say(message.text);
    } else if (message.do === "paste") {
      await setBlock(message.text, row, column);
    }
  }

  #tell(event, ...answer) {
    for (const listener of this.#listeners.get(event) ?? []) listener(...answer);
  }
}

/** The shown table as the grid wants it. */
function described(shown, version) {
  const pages = Object.fromEntries(shown.pages.map((page) => [page.axis, page.chosen]));
  return {
    key: JSON.stringify({table: shown.name, select: pages}),
    version,
    label: [shown.name, ...shown.pages.map((page) => `${page.axis} ${page.chosen}`)].join(", "),
    rows: shown.rows,
    columns: shown.columns,
    row_axis: shown.row_axis,
    column_axis: shown.column_axis,
    largest: Math.max(Math.abs(shown.lowest), Math.abs(shown.largest)),
    share: shown.share,
    whole: shown.name === "ids" || shown.name === "positions",
    editable: shown.editable,
    compare: moved.value.has(shown.name),
  };
}

/** A letter over a cell but S, which sorts: somebody waits for something to happen. */
function onLetter(event) {
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.defaultPrevented;
  if (plain && cell.value && /^\p{L}$/u.test(event.key) && event.key.toLowerCase() !== "s")
    say(`“${event.key}” begins no number. Type one, such as 0.25 or -3.`);
}

export function TableGrid() {
  const place = useRef();
  const model = useRef();
  const shown = tableInfo.value;
  const version = book.value.version;
  useEffect(() => {
    model.current = new PageModel();
    const grid = mountGrid(place.current, model.current);
    const repaint = () => grid.repaint();
    addEventListener("cutaway-theme", repaint);
    const watched = new MutationObserver(seen);
    watched.observe(place.current, {subtree: true, attributeFilter: ["data-settled"]});
    return () => {
      watched.disconnect();
      removeEventListener("cutaway-theme", repaint);
      grid.destroy();
    };
  }, []);
  /** What was pending is no more once the grid shows what came of it, or lies hidden. */
  const seen = () => {
    const {settled, version: painted} = place.current.firstElementChild.dataset;
    const isNew = settled === "true" && Number(painted) === book.value.version;
    if (pending.value?.answered && (isNew || !place.current.offsetWidth)) pending.value = null;
  };
  useEffect(() => {
    const {range, text, table: into} = pending.value ?? {};
    const waits = range && shown?.name === into;
    model.current.set(
      "pending",
      waits ? {key: described(shown, version).key, text, ...range} : null,
    );
    seen();
  }, [pending.value]);
  useEffect(() => {
    model.current.set("mode", drawing.value === "heat" ? "heat" : "numbers");
  }, [drawing.value]);
  useEffect(() => {
    if (shown) model.current.set("table", described(shown, version));
  }, [shown]);
  useEffect(() => {
    model.current.set("selected", cell.value);
  }, [cell.value]);
  useEffect(() => {
    if (shown?.name === table.value) model.current.set("lines", lines.value);
  }, [lines.value, shown]);
  useEffect(() => {
    // A prompt that is on its way has other rows: what is not of the newest numbers is no place yet.
    if (reveal.value && shown?.name === table.value && shown.version === book.value.version) {
      const {row, column, row_end: rowEnd = row, column_end: columnEnd = column} = reveal.value;
      // Under a drawing the grid lies hidden, and selects nothing before it is seen.
      if (place.current.offsetWidth) model.current.set("reveal", reveal.value);
      else
        batch(() => {
          cell.value = {row, column, row_end: rowEnd, column_end: columnEnd};
          reveal.value = null;
        });
    }
  }, [reveal.value, shown]);
  return html`
    <div class="grid-place" ref=${place} onKeyDown=${onLetter} key="grid"
      data-page=${JSON.stringify(select.value)}></div>
  `;
}
