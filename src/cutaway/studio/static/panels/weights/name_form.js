/** @file The last step for a model that is whole: its name, its tokenizer, and into the store. */
import {html} from "../../vendor/ui.js";
import {choices, choose, doing, keep} from "./upload.js";
import {models} from "./models.js";

/** @param {{answer: any}} props what the server found in the files */
export function NameForm({answer}) {
  const {name, tokenizer, replace} = choices.value;
  const there = (models.value ?? []).find((model) => model.name === name.trim());
  const isBundled = there?.kept === "bundled";
  const mayKeep = name.trim() && !isBundled && (!there || replace) && !doing.value;
  const reads = answer.tokenizer.state === "there" || tokenizer;
  const submit = (event) => {
    event.preventDefault();
    if (mayKeep) keep(Boolean(reads));
  };
  return html`
    <form class="wt-naming" onSubmit=${submit}>
      <div class="row">
        <label for="wt-as">Keep it as</label>
        <input class="field mono" id="wt-as" value=${name} maxlength="100" autocomplete="off"
          spellcheck=${false} aria-describedby=${there ? "wt-taken" : null}
          onInput=${(event) => choose({name: event.target.value, replace: false})} />
        ${answer.tokenizer.state === "absent" && html`<${Tokenizer} answer=${answer} />`}
        <button class="button primary" disabled=${!mayKeep}>
          ${reads ? "Keep in the store and open" : "Keep in the store"}
        </button>
      </div>
      ${
        there &&
        html`
          <p class="small bad" id="wt-taken">
            ${
              isBundled
                ? `${name} comes with Cutaway. Give this one another name.`
                : html`
                  There is a model ${name} already. Give this one another name, or
                  <label class="wt-replace">
                    <input type="checkbox" checked=${replace}
                      onChange=${(event) => choose({replace: event.target.checked})} />${" "}
                    replace the one that is there
                  </label>
                `
            }
          </p>
        `
      }
      ${
        !reads &&
        html`
          <p class="small wt-note">
            ${answer.tokenizer.words}
            ${answer.tokenizer.lenders.length > 0 && " Or choose one of as many tokens."}
          </p>
        `
      }
    </form>
  `;
}

function Tokenizer({answer}) {
  const {lenders} = answer.tokenizer;
  if (!lenders.length) return null;
  return html`
    <label for="wt-lender">with the tokenizer of</label>
    <select class="field" id="wt-lender" value=${choices.value.tokenizer ?? ""}
      onChange=${(event) => choose({tokenizer: event.target.value || null})}>
      <option value="">none</option>
      ${lenders.map((name) => html`<option key=${name} value=${name}>${name}</option>`)}
    </select>
  `;
}
