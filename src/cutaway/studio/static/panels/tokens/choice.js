/** @file Whose vocabulary all views of the tokenizer show: the open model's, or GPT-2's own. */
import {html, useEffect} from "../../vendor/ui.js";
import {book} from "../../state.js";
import {useAnswer} from "./answers.js";
import {chooseVocabulary, vocabulary} from "./state.js";

export function VocabularyChoice() {
  const model = book.value?.model;
  const {answer} = useAnswer("tokenizers", model ? {} : null, model?.name);
  const found = answer?.tokenizers ?? [];
  const isThere = found.length === 0 || found.some(({name}) => name === vocabulary.value);
  useEffect(() => {
    if (!isThere) chooseVocabulary(found[0].name);
  }, [isThere]);
  if (found.length === 0) return null;
  return html`
    <fieldset class="push tk-vocabularies" aria-label="Vocabulary">
      <legend class="label">Vocabulary</legend>
      ${found.map(
        ({name, title, n_tokens: count}) => html`
          <label class="tk-choice" key=${name}
            title=${name === "model" ? "the open model's" : "OpenAI's own, of all GPT-2 models"}>
            <input type="radio" name="tk-vocabulary" checked=${name === vocabulary.value}
              onChange=${() => chooseVocabulary(name)} />
            <span class="tk-vocabulary-name">${title}</span>${" "}
            <span class="tk-quiet">
              ${count.toLocaleString("en")}
              <span class="hidden-text"> tokens</span>
            </span>
          </label>
        `,
      )}
    </fieldset>
  `;
}
