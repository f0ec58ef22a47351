/** @file The view Picture: how the selected number was made, operation by operation. */
import {html, signal, useEffect, useLayoutEffect, useRef} from "../../vendor/ui.js";
import {book, cell, select, table} from "../../state.js";
import {ask} from "../../server.js";
import {OperationTerm, SignTerm} from "../../panels/formula_words.js";
import {Curve, Rotate} from "./curve.js";
import {room} from "./line.js";
import {NextToken} from "./next_token.js";
import {Heads, LastRow, LookUp, Mask, Transpose} from "./patch.js";
import {Product} from "./product.js";
import {Code, Constant, Cut, Each, Join, Normalise, Repeat, Same} from "./rows.js";
import {Shares} from "./shares.js";
import {digits} from "./words.js";

/** The picture of each kind of operation. */
export const PICTURES = {
  product: Product,
  shares: Shares,
  mask: Mask,
  normalise: Normalise,
  curve: Curve,
  each: Each,
  cut: Cut,
  join: Join,
  repeat: Repeat,
  rotate: Rotate,
  look_up: LookUp,
  transpose: Transpose,
  last_row: LastRow,
  same: Same,
  constant: Constant,
  code: Code,
};
const SIGNS = {
  product: "@",
  add: "+",
  subtract: "-",
  multiply: "*",
  divide: "/",
  power: "**",
  negative: "-",
};
const EDGE = 34; // pixels of a picture's width that are its own margins

const made = signal(null);
const failed = signal("");

/** The cell that is drawn where none is selected: of the newest row the first; the likeliest token. */
function firstCell(shown) {
  const likeliest = book.value.prediction[0]?.id ?? 0;
  const row = shown.row_axis === "vocabulary" ? likeliest : shown.rows - 1;
  return {row, column: 0, row_end: row, column_end: 0};
}

function usePicture(shown) {
  const at = cell.value;
  const {version} = book.value;
  const page = JSON.stringify(select.value);
  useEffect(() => {
    if (shown.name !== table.value) return undefined; // another one is on its way
    if (!at || at.row >= shown.rows || at.column >= shown.columns) {
      cell.value = firstCell(shown);
      return undefined;
    }
    let old = false;
    ask("picture", {table: shown.name, select: select.value, row: at.row, column: at.column}).then(
      (answer) => {
        if (old) return;
        failed.value = "";
        made.value = {...answer, place: `${shown.name} ${page} ${at.row} ${at.column} ${version}`};
      },
      (error) => {
        if (!old && error.kind !== "Lost") failed.value = error.message;
      },
    );
    return () => {
      old = true;
    };
  }, [version, shown.name, table.value, shown.rows, page, at?.row, at?.column]);
  return made.value?.table === shown.name ? made.value : null;
}

export function Picture({shown}) {
  const answer = usePicture(shown);
  const frame = useRef();
  useLayoutEffect(() => {
    const measure = () => {
      room.value = Math.max(260, frame.current.clientWidth - EDGE);
    };
    measure();
    const watcher = new ResizeObserver(measure);
    watcher.observe(frame.current);
    return () => watcher.disconnect();
  }, []);
  return html`
    <div class="picture" ref=${frame} data-place=${answer?.place} aria-busy=${!answer}>
      ${failed.value && html`<p class="bad" role="alert">${failed.value}</p>`}
      ${answer && html`<${Stages} answer=${answer} shown=${shown} />`}
    </div>
  `;
}

function Stages({answer, shown}) {
  return html`
    <p class="pic-intro small quiet">
      How <b class="number">${digits(answer.value)}</b> was made${
        answer.stages.length > 1 ? `, in ${answer.stages.length} steps` : ""
      }. The number in question is outlined everywhere.
      ${
        answer.typed &&
        html`
          <span class="changed">
            Numbers were typed over this table: they stand in place of what the formula gives,${" "}
            ${digits(answer.made)}.
          </span>
        `
      }
    </p>
    ${answer.stages.map((stage, index) => {
      const Drawn = PICTURES[stage.kind] ?? Code;
      return html`
        <section class="pic-stage" key=${`${index} ${stage.words}`}
          aria-label=${`${stage.words} is ${digits(stage.value)}`}>
          <h3>
            ${answer.stages.length > 1 && html`<span class="callout">${index + 1}</span>`}
            <${Name} stage=${stage} />
            <code class="pic-words">${stage.words}</code>
          </h3>
          <${Drawn} stage=${stage} place=${answer.place} />
        </section>
      `;
    })}
    <${Heads} patches=${answer.heads} shares=${shown.share} />
    ${answer.prediction && html`<${NextToken} />`}
  `;
}

function Name({stage}) {
  const sign = SIGNS[stage.operation];
  if (sign) return html`<${SignTerm} sign=${sign} />`;
  if (stage.operation === "table" || stage.operation === "formula") return null;
  return html`<${OperationTerm} name=${stage.operation} />`;
}
