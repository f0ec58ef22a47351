/** @file The view Picture: how the selected number was made, operation by operation. */
import {html} from "../../vendor/ui.js";
import {OperationTerm, SignTerm} from "../../panels/formula_words.js";
import {failed, usePicture, useRoom} from "./answer.js";
import {Curve, Rotate} from "./curve.js";
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

export function Picture({shown}) {
  const answer = usePicture(shown);
  const frame = useRoom();
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
          <h2>
            ${answer.stages.length > 1 && html`<span class="callout">${index + 1}</span>`}
            <${Name} stage=${stage} />
            <code class="pic-words">${stage.words}</code>
          </h2>
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
