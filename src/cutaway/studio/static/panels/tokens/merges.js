/** @file The merges as a table, in the order in which they were learned: a merge's place is its rank. */
import {html} from "../../vendor/ui.js";
import {book} from "../../state.js";
import {LongTable} from "./long_table.js";
import {Letters} from "./token.js";
import {Search} from "./vocabulary.js";
import {mergesQuery, mergesRow, showToken} from "./where.js";

const COLUMNS = [
  {title: "row", kind: "tk-number tk-quiet", cell: ({rank}) => (rank + 1).toLocaleString("en")},
  {title: "rank", kind: "tk-number", cell: ({rank}) => rank.toLocaleString("en")},
  {
    title: "left",
    kind: "tk-mono tk-text tk-right",
    cell: ({left}) => html`<${Letters} of=${left.text} />`,
  },
  {
    title: "right",
    kind: "tk-mono tk-text",
    cell: ({right}) => html`<span class="tk-plus">+</span> <${Letters} of=${right.text} />`,
  },
  {
    title: "makes",
    kind: "tk-mono tk-text",
    cell: ({makes}) => html`<${Letters} of=${makes.text} />`,
  },
  {
    title: "id",
    kind: "tk-number",
    cell: ({makes}) => html`
      <button class="tk-link" tabIndex="-1" aria-label=${`Token ${makes.id} in the vocabulary`}
        onClick=${(event) => {
          event.stopPropagation();
          showToken(makes.id);
        }}>${makes.id}</button>
    `,
  },
];

export function Merges() {
  return html`
    <${Search} label="Search the merges" query=${mergesQuery} row=${mergesRow} hint=${html`
      text of the token that is made, or a rank such as <code>35</code>, or bytes such as${" "}
      <code>0xE6 97</code>`} />
    <div class="tk-table tk-merge-table" onKeyDown=${open}>
      <${LongTable} verb="merges" query=${mergesQuery.value} again=${book.value?.model.name}
        label="Merges; Enter shows the token" columns=${COLUMNS} chosen=${mergesRow.value}
        onChoose=${(place) => {
          mergesRow.value = place;
        }} />
    </div>
    <p class="tk-legend">
      Learned one after the other, each from what was most frequent then. When a text is
      encoded, the lowest rank that fits is joined first.
    </p>
  `;
}

/** Enter shows the chosen row's token in the vocabulary. */
function open(event) {
  if (event.key === "Enter" && event.target.role === "grid")
    event.currentTarget.querySelector(".tk-chosen button")?.click();
}
