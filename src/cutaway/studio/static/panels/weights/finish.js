/** @file The last step for a model that is whole: its name, its tokenizer, and into the store. */
import {html} from "../../vendor/ui.js";
import {choices, choose, doing, keep} from "./dropping.js";
import {models} from "./shelf.js";

/** @param {{told: object}} props what the server found in the files */
export function Finish({told}) {
  const {name, tokenizer, replace} = choices.value;
  const there = (models.value ?? []).find((model) => model.name === name.trim());
  const isBundled = there?.kept === "bundled";
  const mayKeep = name.trim() && !isBundled && (!there || replace) && !doing.value;
  const reads = told.tokenizer.state === "there" || tokenizer;
  const submit = (event) => {
    event.preventDefault();
    if (mayKeep) keep(Boolean(reads));
  };
  return html`
    <form class="wt-finish" onSubmit=${submit}>
      <div class="row">
        <label for="wt-as">Keep it as</label>
        <input class="field mono" id="wt-as" value=${name} maxlength="100" autocomplete="off" spellcheck=${false}
          aria-describedby=${there ? "wt-taken" : null} onInput=${(event) => choose({name: event.target.value, replace: false})} />
        ${told.tokenizer.state === "absent" && html`<${Tokenizer} told=${told} />`}
        <button class="button primary" disabled=${!mayKeep}>${reads ? "Keep in the store and open" : "Keep in the store"}</button>
      </div>
      ${there && html`<p class="small bad" id="wt-taken">${isBundled ? `${name} comes with Cutaway. Give this one another name.` : html`
        There is a model ${name} already. Give this one another name, or
        <label class="wt-replace"><input type="checkbox" checked=${replace} onChange=${(event) => choose({replace: event.target.checked})} /> replace the one that is there</label>`}</p>`}
      ${!reads && html`<p class="small wt-note">${told.tokenizer.words}${told.tokenizer.lenders.length > 0 && " Or choose one of as many tokens."}</p>`}
    </form>`;
}

function Tokenizer({told}) {
  const {lenders} = told.tokenizer;
  if (!lenders.length) return null;
  return html`<label for="wt-lender">with the tokenizer of</label>
    <select class="field" id="wt-lender" value=${choices.value.tokenizer ?? ""} onChange=${(event) => choose({tokenizer: event.target.value || null})}>
      <option value="">none</option>
      ${lenders.map((name) => html`<option key=${name} value=${name}>${name}</option>`)}
    </select>`;
}
