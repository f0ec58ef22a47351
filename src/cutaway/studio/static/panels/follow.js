/**
 * @file Following one number: the breadcrumb above the table, from a cell back along what it was
 * made from; and the links of the inspector, which lead to cells.
 */
import {html, signal, useEffect} from "../vendor/ui.js";
import {cell, isTable, select, showError, showPlace, table, trail} from "../state.js";
import {ask} from "../server.js";
import {signed, visible} from "../text.js";

/** @typedef {import("../state.js").CellPlace} CellPlace */

/** What is known of the selected cell: the answer to "cell"; null where none is selected. */
export const story = signal(null);
/** Which of the cells that the number was made from is offered: 0 is the largest. */
const rank = signal(0);
const SHOWN = 3; // crumbs at the end of a long way

/** The selected cell as a question names it. */
export const asked = () => ({
  table: table.value,
  select: select.value,
  row: cell.value.row,
  column: cell.value.column,
});

/** A cell as it is written: next_probabilities[·the]. */
export const written = ({table: name, labels}) => `${name}[${labels.map(visible).join(", ")}]`;

const same = (one, other) =>
  one.table === other.table &&
  one.row === other.row &&
  one.column === other.column &&
  JSON.stringify(one.select) === JSON.stringify(other.select);

/** The way that was gone up to the selected cell; the cell alone where it was selected by itself. */
function way() {
  const told = story.value;
  const here = told?.place;
  if (!here || !cell.value || here.table !== table.value) return [];
  const last = trail.value.at(-1);
  return last && same(last, here) ? trail.value : [here];
}

/** Go to a cell that another one was made from, with the line that is read outlined. */
export function followTo(place, from = way()) {
  const {table: name, select: pages, row, column, labels, line} = place;
  const along = line && labels.length === 1 ? "column" : line;
  showPlace({
    table: name,
    select: pages,
    cell: {row, column},
    lines: along ? {[along]: along === "row" ? row : column} : null,
    trail: [...from, place],
  });
}

/** A link to a cell that the selected one was made from; plain words where it is no single cell. */
export function CellLink({place, children}) {
  if (!place || !isTable(place.table)) return children;
  return html`
    <button class="link cell-link" title=${`Go to ${written(place)}`}
      onClick=${() => followTo(place)}>${children}</button>
  `;
}

async function toAWeight() {
  try {
    const {way: found} = await ask("back", asked());
    followTo(found.at(-1), [...way(), ...found.slice(1, -1)]);
  } catch (error) {
    showError(error);
  }
}

/** Where one came from, where one is, and what the number was made from. */
export function Breadcrumb() {
  const crumbs = way();
  const made = story.value?.made_from ?? [];
  useEffect(() => {
    rank.value = 0;
  }, [story.value?.address]);
  if (!crumbs.length)
    return html`
      <nav class="breadcrumb small quiet" aria-label="The way of a number">
        Select a number to follow it back to the weights.
      </nav>
    `;
  const cut = crumbs.length > SHOWN + 2 ? crumbs.length - SHOWN : 1;
  const next = made[Math.min(rank.value, made.length - 1)];
  return html`
    <nav class="breadcrumb small" aria-label="The way of a number">
      <ol>
        ${crumbs.map((place, index) => {
          if (index > 0 && index < cut)
            return index === 1 && html`<li key="more" class="quiet">← ${cut - 1} more</li>`;
          const here = index === crumbs.length - 1;
          return html`
            <li key=${index}>
              ${index > 0 && html`<span class="quiet" aria-hidden="true">← </span>`}
              ${
                here
                  ? html`<b class="mono" aria-current="step">${written(place)}</b>`
                  : html`
                    <button class="link mono"
                      onClick=${() => followTo(place, crumbs.slice(0, index))}>
                      ${written(place)}
                    </button>
                  `
              }
            </li>
          `;
        })}
      </ol>
      ${
        next
          ? html`
            <span class="row">
              <span class="quiet" aria-hidden="true">←</span>
              <button class="button" onClick=${() => followTo(next)}
                title=${`Without it, ${signed(next.amount)} would be missing`}>
                <span class="mono">${written(next)}</span>
                <span class="number ${next.amount < 0 ? "cold" : "warm"}">
                  ${" "}${signed(next.amount)}
                </span>
              </button>
              ${
                made.length > 1 &&
                html`
                  <button class="button" title=${`This is ${rank.value + 1} of ${made.length}`}
                    onClick=${() => {
                      rank.value = (rank.value + 1) % made.length;
                    }}>next largest</button>
                `
              }
              <button class="button" onClick=${toAWeight}
                title="Along the largest contribution of each, down to a weight">to a weight</button>
            </span>
          `
          : html`<span class="quiet">${story.value.origin && "a weight: the way ends here"}</span>`
      }
    </nav>
  `;
}

/** The cells that read the selected one, once asked for: {of, readers}. */
const forwards = signal(/** @type {any} */ (null));

/** Forwards: what reads the selected cell, and how much each moves when it becomes 0. */
export function Forwards({address}) {
  const open = async () => {
    try {
      forwards.value = {of: address, ...(await ask("readers", asked()))};
    } catch (error) {
      showError(error);
    }
  };
  const {of, readers} = forwards.value ?? {};
  return html`
    <section>
      <h3 class="label">Forwards</h3>
      ${
        of === address
          ? html`
            <p class="small">
              ${
                readers.length
                  ? "If this number were 0, these would move most:"
                  : "If this number were 0, nothing that reads it would move."
              }
            </p>
            <ul aria-label="What reads this cell">
              ${readers.map(
                (one, index) => html`
                  <li key=${index}>
                    <button class="link mono small" onClick=${() => followTo(one, [])}>
                      ${written(one)}
                    </button>${" "}
                    <span class="number small">${signed(one.moves)}</span>
                  </li>
                `,
              )}
            </ul>
          `
          : html`<button class="button" onClick=${open}>What reads this cell, and how much it moves</button>`
      }
    </section>
  `;
}
