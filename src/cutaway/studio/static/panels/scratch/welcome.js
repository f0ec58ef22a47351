/** @file The empty scratch sheet: what it is for, and three examples to put on it. */
import {html, signal} from "../../vendor/ui.js";
import {book} from "../../state.js";
import {add, run} from "./cells.js";
import {EXAMPLES} from "./examples.js";

const busy = signal(false);

/** Put an example's cells on the sheet and run them, one after the other. */
async function take({cells}) {
  busy.value = true;
  let after = "";
  for (const fields of cells) {
    const id = await add(fields, after);
    if (!id) break;
    after = id;
    if (book.value.trusted) await run(id);
  }
  busy.value = false;
}

export function Welcome() {
  return html`
    <div class="sc-welcome">
      <p>
        Here you calculate with the open model yourself. A <b>formula</b> is one expression over
        tables; it is calculated again whenever something that it reads has changed. <b>Code</b>${" "}
        is any Python; it runs when you tell it to.
      </p>
      <ul class="sc-examples">
        ${EXAMPLES.map((example) => html`<${Example} key=${example.title} example=${example} />`)}
      </ul>
    </div>
  `;
}

/** A cell as one reads it. No line is broken between a quotation mark and the space behind it. */
function asText({name, kind, source}) {
  return kind === "formula" ? `${name} = ${source.replaceAll('" ', '"\u00a0')}` : source;
}

function Example({example}) {
  const {title, words, drawing, dashed, cells} = example;
  return html`
    <li class="sc-example">
      <svg viewBox="9 4 82 50" aria-hidden="true">
        <path d=${drawing} />
        <path class="sc-dashed" d=${dashed} />
      </svg>
      <h2>${title}</h2>
      <p>${words}</p>
      <pre tabindex="0" role="group" aria-label=${`${title}: its cells`}>
        ${cells.map(asText).join("\n")}
      </pre>
      <button class="button" disabled=${busy.value} aria-label=${`Try it: ${title}`}
        onClick=${() => take(example)}>Try it</button>
    </li>
  `;
}
