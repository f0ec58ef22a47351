/** @file A table of any length of which only the rows in sight are in the document. */
import {html, useEffect, useLayoutEffect, useRef, useState} from "../../vendor/ui.js";
import {usePages} from "./answers.js";

const BEYOND = 6;

/**
 * @param {object} props
 * @param {string} props.verb who is asked for the rows
 * @param {string} props.query
 * @param {unknown} [props.again]
 * @param {string} props.label
 * @param {Array<{title: string, kind?: string, cell: (row: any, place: number) => any}>} props.columns
 * @param {number} props.chosen the row that is looked at
 * @param {(place: number, row: any | null) => void} props.onChoose
 */
export function LongTable({verb, query, again, label, columns, chosen, onChoose}) {
  const pages = usePages(verb, query, again);
  const frame = useRef(null);
  const total = pages.total ?? 0;
  const place = Math.max(0, Math.min(chosen, total - 1));
  const [sight, look] = useSight(frame, pages, total, [query, again]);
  const row = total ? pages.row(place) : null;
  useEffect(() => {
    if (row) onChoose(place, row);
  }, [row]);

  const go = (next) => {
    const bounded = Math.max(0, Math.min(total - 1, next));
    bring(frame.current, bounded, sight.line);
    onChoose(bounded, pages.row(bounded));
  };
  const press = (event) => {
    const next = moved(event.key, place, total, frame.current.clientHeight / sight.line);
    if (next === undefined) return;
    event.preventDefault();
    go(next);
  };

  return html`
    <p class="tk-found" role="status">${said(pages)}</p>
    <div class="tk-long" role="grid" tabIndex="0" aria-label=${label} aria-rowcount=${total + 1}
      ref=${frame} aria-activedescendant=${total ? `tk-${verb}-${place}` : undefined}
      onScroll=${look} onKeyDown=${press}>
      <div role="row" class="tk-line tk-line-head" aria-rowindex="1">
        ${columns.map(
          ({title, kind = ""}) => html`
            <span role="columnheader" class=${kind} key=${title}>${title}</span>
          `,
        )}
      </div>
      <div role="rowgroup" class="tk-lines" style=${{height: `${total * sight.line}px`}}>
        ${places(sight, total, place).map(
          (number) => html`
            <${Line} key=${number} id=${`tk-${verb}-${number}`} row=${pages.row(number)}
              place=${number} columns=${columns} top=${number * sight.line}
              isChosen=${number === place} onClick=${() => go(number)} />
          `,
        )}
      </div>
    </div>
  `;
}

/** Which rows are in sight; their pages are fetched. Another search begins at the top. */
function useSight(frame, pages, total, search) {
  const [sight, setSight] = useState({first: 0, end: 40, line: 28});
  const look = () => setSight(inSight(frame.current));
  useLayoutEffect(() => {
    const seen = new ResizeObserver(look);
    seen.observe(frame.current);
    return () => seen.disconnect();
  }, []);
  useEffect(() => {
    frame.current.scrollTop = 0;
    look();
  }, search);
  // A page is fetched where scrolling came to rest for a moment, not wherever it passed.
  useEffect(() => {
    const timer = setTimeout(() => pages.want(sight.first, Math.min(sight.end, total)), 40);
    return () => clearTimeout(timer);
  }, [pages, sight, total]);
  return /** @type {[{first: number, end: number, line: number}, () => void]} */ ([sight, look]);
}

/** The row that a key goes to; undefined for other keys. */
function moved(key, place, total, screen) {
  const page = Math.max(1, Math.floor(screen) - 2);
  return {
    ArrowDown: place + 1,
    ArrowUp: place - 1,
    PageDown: place + page,
    PageUp: place - page,
    Home: 0,
    End: total - 1,
  }[key];
}

function Line({id, row, place, columns, top, isChosen, onClick}) {
  return html`
    <div role="row" id=${id} class=${`tk-line${isChosen ? " tk-chosen" : ""}`}
      aria-rowindex=${place + 2} aria-selected=${isChosen}
      style=${{transform: `translateY(${top}px)`}} onClick=${onClick}>
      ${columns.map(
        ({title, kind = "", cell}) => html`
          <span role="gridcell" class=${kind} key=${title}>${row ? cell(row, place) : "…"}</span>
        `,
      )}
    </div>
  `;
}

function said({total, words, error}) {
  if (error) return html`<span class="tk-mistake">${error.message}</span>`;
  if (total === null) return "Looking…";
  const count = total.toLocaleString("en");
  return words === "all"
    ? html`<b>${count}</b> rows`
    : html`<b>${count}</b> ${total === 1 ? "row" : "rows"} for ${words}`;
}

/** The rows in sight and a few beyond; the chosen one is always there, for screen readers follow it. */
function places({first, end}, total, chosen) {
  const from = Math.max(0, first - BEYOND);
  const numbers = Array.from(
    {length: Math.max(0, Math.min(total, end + BEYOND) - from)},
    (_, step) => from + step,
  );
  if (total && (chosen < from || chosen >= from + numbers.length)) numbers.push(chosen);
  return numbers;
}

function inSight(frame) {
  const line = frame.firstElementChild.offsetHeight || 28;
  const first = Math.floor(frame.scrollTop / line);
  return {first, end: first + Math.ceil(frame.clientHeight / line), line};
}

/** Scroll so that the row stands below the head and above the lower edge. */
function bring(frame, place, line) {
  const above = place * line;
  const below = above + 2 * line - frame.clientHeight;
  frame.scrollTop = Math.max(below, Math.min(above, frame.scrollTop));
}
