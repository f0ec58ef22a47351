/** @file Rows of a long table, fetched in pages as they come into sight. */
import {useEffect, useMemo, useState} from "../../vendor/ui.js";
import {ask, connection} from "../../server.js";
import {vocabulary} from "./where.js";

const PAGE = 100;
const MOST_PAGES = 80;

/**
 * A table of the vocabulary that is chosen: the server answers {query, first, count} with {rows, total}.
 * @param {string} verb
 * @param {string} query
 * @param {unknown} again a new value throws away what was fetched
 * @returns {{total: number | null, words: string, error: Error | null, row: (place: number) => object | null,
 *   want: (first: number, end: number) => void}}
 */
export function usePages(verb, query, again) {
  const [, redraw] = useState(0);
  const isOpen = connection.value !== "lost"; // what was asked in vain is asked again
  const tokenizer = vocabulary.value;
  const pages = useMemo(() => makePages(verb, {query, tokenizer}, () => redraw((count) => count + 1)), [verb, query, tokenizer, again, isOpen]);
  useEffect(() => {
    pages.want(0, 1);
    return pages.leave;
  }, [pages]);
  return pages;
}

function makePages(verb, fields, changed) {
  const held = new Map();
  let gone = false;

  const fetchPage = async (number) => {
    held.set(number, null);
    try {
      const answer = await ask(verb, {...fields, first: number * PAGE, count: PAGE});
      held.set(number, answer.rows);
      Object.assign(pages, {total: answer.total, words: answer.query, error: null});
    } catch (error) {
      held.delete(number);
      pages.error = error;
    }
    for (const oldest of held.keys()) {
      if (held.size <= MOST_PAGES) break;
      if (oldest !== number) held.delete(oldest);
    }
    if (!gone) changed();
  };

  const pages = {
    total: null,
    words: "",
    error: null,
    row: (place) => held.get(Math.floor(place / PAGE))?.[place % PAGE] ?? null,
    want: (first, end) => {
      for (let number = Math.floor(first / PAGE); number * PAGE < end; number += 1) {
        if (!held.has(number)) fetchPage(number);
      }
    },
    leave: () => { gone = true; },
  };
  return pages;
}
