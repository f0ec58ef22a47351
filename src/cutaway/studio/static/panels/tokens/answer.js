/** @file Answers of the server as a component draws them: the last one stays until the next has come. */
import {html, useEffect, useState} from "../../vendor/ui.js";
import {ask, connection} from "../../server.js";
import {vocabulary} from "./where.js";

/**
 * Ask of the vocabulary that is chosen, and ask again whenever the fields or `again` change, or the connection comes back.
 * @param {string} verb
 * @param {object | null} fields null asks nothing
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
    return () => { gone = true; };
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
