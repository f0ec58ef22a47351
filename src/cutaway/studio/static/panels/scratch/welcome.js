/** @file The empty scratch sheet: what it is for, and three examples to put on it. */
import {html, signal} from "../../vendor/ui.js";
import {book, tableOf} from "../../state.js";
import {add, run} from "./cells.js";

const PREVIOUS = `# How much attention goes one token back, by head
def back(block):
    table = run[run.book.role("attention", block)].array
    return np.diagonal(table, -1, 1, 2).mean(1)

shares = np.array([back(one) for one in run.book.blocks])
block, head = divmod(shares.argmax(), shares.shape[1])
print("block", block, "head", head, shares.max())
shares`;

/** The examples that can be calculated with the open model. */
const examples = () => EXAMPLES.filter(({role}) => tableOf(role));

const EXAMPLES = [
  {
    title: "king − man + woman",
    role: "token_table",
    words:
      "Subtract one word's embedding from another's, add a third, " +
      "and see which tokens of this model point the same way.",
    drawing:
      "M14 50 52 44M14 50 40 14M52 44 78 8M48.6 41.6l3.4 2.4-2.8 3M36 15l4-1 .6 4M74.4 6.2 78 8l-2.6 3.2",
    dashed: "M40 14 78 8",
    cells: (tokens) => [
      {
        kind: "formula",
        name: "queen",
        source: `${tokens}[" king"] - ${tokens}[" man"] + ${tokens}[" woman"]`,
      },
      {
        kind: "formula",
        name: "near",
        source: 'nearest(queen, leave_out=[" king", " man", " woman"])',
      },
    ],
  },
  {
    title: "Attention shares out 1",
    role: "attention",
    words:
      "Every position divides exactly 1 among the tokens that it may look at. Add up each row, head by head.",
    drawing: "M12 14h66M12 14v36h66V14M12 26h66M12 38h66M78 8v6M12 8v6",
    dashed: "M34 14v12M56 14v12M26 26v12M62 38v12M42 38v12M50 26v12",
    cells: (shares) => [{kind: "formula", name: "sums", source: `${shares}.sum(axis=-1)`}],
  },
  {
    title: "Who looks one back?",
    role: "attention",
    words:
      "Some heads mostly read the token just before. A few lines of Python find the one that does so most.",
    drawing:
      "M10 46h10v-8H10zM30 46h10v-8H30zM50 46h10v-8H50zM70 46h10v-8H70z" +
      "M75 36C74 12 56 12 55 35M52.4 32.2 55 36l3-3.2",
    dashed: "M55 36C54 22 36 22 35 36M35 36C34 22 16 22 15 36",
    cells: () => [{kind: "code", name: "previous", source: PREVIOUS}],
  },
];

const busy = signal(false);

/** Put an example's cells on the sheet and run them, one after the other. */
async function take(cells) {
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
        ${examples().map((example) => html`<${Example} key=${example.title} example=${example} />`)}
      </ul>
    </div>
  `;
}

/** A cell as one reads it. No line is broken between a quotation mark and the space behind it. */
function asText({name, kind, source}) {
  return kind === "formula" ? `${name} = ${source.replaceAll('" ', '"\u00a0')}` : source;
}

function Example({example}) {
  const {title, words, drawing, dashed, role} = example;
  const cells = example.cells(tableOf(role));
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
        onClick=${() => take(cells)}>Try it</button>
    </li>
  `;
}
