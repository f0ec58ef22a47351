/** @file What the tokenizer's place shows: its tab, and what is looked at in each, kept while one is elsewhere. */
import {batch, signal} from "../../vendor/ui.js";

/** The tab: "prompt", "merging", "spellings", "vocabulary", "merges" or "learn". */
export const tab = signal("prompt");
/** Whose tokens all tabs show: "model", those of the open model, or "gpt2", OpenAI's own. */
export const vocabulary = signal("model");
/** The text whose merges are shown. */
export const mergingText = signal(" quick");
/** Which of its pieces, and how many of the piece's merges are done. */
export const mergingPiece = signal(0);
export const mergingDone = signal(0);
/** What is searched in the two tables, and the row that is looked at in each. */
export const vocabularyQuery = signal("");
export const vocabularyRow = signal(0);
/** The token that is looked at. */
export const vocabularyToken = signal(0);
export const mergesQuery = signal("");
export const mergesRow = signal(0);

/** Show another vocabulary: its ids and ranks mean something else, so both tables begin at the top. */
export function chooseVocabulary(name) {
  batch(() => {
    vocabulary.value = name;
    vocabularyRow.value = vocabularyToken.value = mergesRow.value = mergingDone.value = 0;
    vocabularyQuery.value = mergesQuery.value = "";
  });
}

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
