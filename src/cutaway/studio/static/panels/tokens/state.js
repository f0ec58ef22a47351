/**
 * @file What the tokenizer's place shows: its tab, and what is previewed at in each, kept while one is
 * elsewhere.
 */
import {batch, signal} from "../../vendor/ui.js";

/** The tab: "prompt", "merging", "spellings", "vocabulary", "merges" or "learn". */
export const tab = signal("prompt");
/** The text whose merges are shown. */
export const mergingText = signal(" quick");
/** Which of its pieces, and how many of the piece's merges are done. */
export const mergingPiece = signal(0);
export const mergingDone = signal(0);
/** What is searched in the two tables, and the row that is previewed at in each. */
export const vocabularyQuery = signal("");
export const vocabularyRow = signal(0);
export const mergesQuery = signal("");
export const mergesRow = signal(0);

/** Show the merges of a text. */
export function showMerging(text) {
  batch(() => {
    mergingText.value = text;
    mergingPiece.value = 0;
    mergingDone.value = 0;
    tab.value = "merging";
  });
}

/** Show a token in the vocabulary. */
export function showToken(id) {
  batch(() => {
    vocabularyQuery.value = `#${id}`;
    vocabularyRow.value = 0;
    tab.value = "vocabulary";
  });
}

/** Show a merge in the table of merges. */
export function showMerge(rank) {
  batch(() => {
    mergesQuery.value = `#${rank}`;
    mergesRow.value = 0;
    tab.value = "merges";
  });
}
