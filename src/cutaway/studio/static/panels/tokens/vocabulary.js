/** @file The vocabulary as a table: every token with its id and bytes, and the merges that it comes from and goes into. */
import {batch, html, useEffect, useState} from "../../vendor/ui.js";
import {book} from "../../state.js";
import {Mistake, useAnswer, useRested} from "./answer.js";
import {LongTable} from "./long_table.js";
import {Letters, Token, spoken} from "./token.js";
import {showMerge, showToken, vocabularyQuery, vocabularyRow, vocabularyToken} from "./where.js";

const KINDS = {byte: "byte", special: "special"};
const COLUMNS = [
  {title: "row", kind: "tk-number tk-quiet", cell: ({id}) => (id + 1).toLocaleString("en")},
  {title: "id", kind: "tk-number", cell: ({id}) => id},
  {title: "token", kind: "tk-mono tk-text", cell: ({text}) => html`<${Letters} of=${text} />`},
  {title: "bytes", kind: "tk-mono tk-hexes", cell: ({hex}) => hex},
  {title: "length", kind: "tk-number tk-few", cell: ({n_bytes: size}) => size},
  {title: "made by", kind: "tk-number", cell: ({kind, rank}) => KINDS[kind] ?? rank.toLocaleString("en")},
  {title: "part of", kind: "tk-number tk-few", cell: ({n_part_of: count}) => count.toLocaleString("en")},
];

export function Vocabulary() {
  return html`
    <${Search} label="Search the vocabulary" query=${vocabularyQuery} row=${vocabularyRow}
      hint=${html`text, or an id such as <code>318</code>, or bytes such as <code>0xE6 97</code>`} />
    <div class="tk-table-and-detail">
      <div class="tk-table tk-vocabulary">
        <${LongTable} verb="vocabulary" query=${vocabularyQuery.value} again=${book.value?.model.name} label="Vocabulary" columns=${COLUMNS}
          chosen=${vocabularyRow.value} onChoose=${(place, row) => {
            vocabularyRow.value = place;
            if (row) vocabularyToken.value = row.id;
          }} />
      </div>
      <${Detail} id=${vocabularyToken.value} />
    </div>`;
}

/** The field above a table: `query` follows what is typed when that has rested, and may be set from elsewhere. */
export function Search({label, query, row, hint}) {
  const [typed, setTyped] = useState(query.value);
  const rested = useRested(typed);
  useEffect(() => {
    if (rested === query.peek()) return;
    batch(() => {
      query.value = rested;
      row.value = 0;
    });
  }, [rested]);
  useEffect(() => {
    if (query.value !== rested) setTyped(query.value);
  }, [query.value]);
  return html`
    <form class="tk-search" role="search" onSubmit=${(event) => event.preventDefault()}>
      <input class="field tk-mono" type="search" aria-label=${label} placeholder="search" value=${typed} spellcheck=${false}
        autocomplete="off" onInput=${(event) => setTyped(event.currentTarget.value)} />
      <p class="tk-legend">${hint}</p>
    </form>`;
}

function Detail({id}) {
  const {answer, error} = useAnswer("vocabulary_token", {token: id}, book.value?.model.name);
  if (error) return html`<aside class="tk-aside"><${Mistake} error=${error} /></aside>`;
  if (!answer) return html`<aside class="tk-aside" aria-busy="true"></aside>`;
  return html`
    <aside class="tk-aside" aria-label=${`Token ${answer.id}`}>
      <p class="tk-big"><${Token} of=${answer.text} /><span class="tk-id">${answer.id}</span></p>
      <dl class="tk-facts">
        <div><dt>in the files</dt><dd class="tk-mono">${answer.letters}</dd></div>
        <div><dt>${answer.n_bytes === 1 ? "1 byte" : `${answer.n_bytes} bytes`}</dt>
          <dd class="tk-bytes">${answer.hex.split(" ").map((byte, place) => html`<span class="tk-byte" key=${place}>${byte}</span>`)}</dd></div>
      </dl>
      <h3 class="label">Made by</h3>
      ${answer.made_by.length ? html`<${MergeList} merges=${answer.made_by} />` : html`<p class="tk-legend">${answer.kind === "special"
        ? "No merge: it is a special token, put between texts, which no text gives by itself."
        : "No merge: it is one of the 256 bytes with which everything begins."}</p>`}
      <h3 class="label">Part of <span class="tk-quiet">${answer.n_part_of.toLocaleString("en")}
        ${answer.n_part_of > answer.part_of.length ? `; the first ${answer.part_of.length}` : ""}</span></h3>
      ${answer.part_of.length ? html`<${MergeList} merges=${answer.part_of} />` : html`<p class="tk-legend">No merge takes it further.</p>`}
    </aside>`;
}

/** Merges, each a line: rank, the two tokens, and the one that they become. */
function MergeList({merges}) {
  return html`<ul class="tk-merges">${merges.map(({rank, left, right, makes}) => html`
    <li key=${rank}>
      <button class="tk-link tk-number" aria-label=${`Merge of rank ${rank.toLocaleString("en")}`} onClick=${() => showMerge(rank)}>${rank.toLocaleString("en")}</button>
      <span class="tk-mono"><${Letters} of=${left.text} /> <span class="tk-plus">+</span> <${Letters} of=${right.text} /></span>
      <button class="tk-link tk-mono" aria-label=${`Token ${spoken(makes.text)}`} onClick=${() => showToken(makes.id)}>
        <${Letters} of=${makes.text} /></button>
    </li>`)}</ul>`;
}
