/** @file Answers of the server as a component draws them: the last one stays until the next has come. */
import {html, useEffect, useMemo, useState} from "../../vendor/ui.js";
import {ask, connection} from "../../server.js";
import {vocabulary} from "./state.js";

const PAGE = 100;
const MOST_PAGES = 80;

/**
 * Ask of the vocabulary that is chosen, and ask again whenever the fields or `again` change, or
 * the connection comes back.
 * @param {string} verb
 * @param {any | null} fields null asks nothing
 * @param {unknown} [again]
 * @returns {{answer: any, error: Error | null, waiting: boolean}}
 */
export function useAnswer(verb, fields, again) {
  const [state, setState] = useState({answer: null, error: null, waiting: true});
  const open = connection.value !== "lost";
  const tokenizer = vocabulary.value;
  useEffect(() => {
    if (!fields || !open) return undefined;
    let gone = false;
    setState((old) => ({...old, waiting: true}));
    ask(verb, {...fields, tokenizer}).then(
      (answer) => gone || setState({answer, error: null, waiting: false}),
      (error) => gone || setState({answer: null, error, waiting: false}),
    );
    return () => {
      gone = true;
    };
  }, [verb, JSON.stringify(fields), tokenizer, again, open]);
  return state;
}

/** A value that follows another one when that has rested for a moment, as while somebody types. */
export function useRested(value, milliseconds = 120) {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value]);
  return rested;
}

/** The words of a mistake, where the answer would stand. */
export function Mistake({error}) {
  return html`<p class="tk-mistake" role="alert">${error.message}</p>`;
}

/**
 * A table of the vocabulary that is chosen: the server answers {query, first, count} with
 * {rows, total}.
 * @param {string} verb
 * @param {string} query
 * @param {unknown} again a new value throws away what was fetched
 * @returns {{total: number | null, words: string, error: Error | null, row: (place: number) => any | null,
 *   want: (first: number, end: number) => void}}
 */
export function usePages(verb, query, again) {
  const [, redraw] = useState(0);
  const isOpen = connection.value !== "lost"; // what was asked in vain is asked again
  const tokenizer = vocabulary.value;
  const pages = useMemo(
    () => makePages(verb, {query, tokenizer}, () => redraw((count) => count + 1)),
    [verb, query, tokenizer, again, isOpen],
  );
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

  /** @type {any} */
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
    leave: () => {
      gone = true;
    },
  };
  return pages;
}
