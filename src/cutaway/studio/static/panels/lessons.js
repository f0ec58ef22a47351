/** @file The place of the course: all lessons, what each asks, and how far one is. */
import {html, useEffect} from "../vendor/ui.js";
import {Paragraphs} from "./course/words.js";
import {lessons, loadLessons, openLesson} from "./course/state.js";
import {showError} from "../state.js";

export function LessonsView() {
  useEffect(() => {
    loadLessons().catch(showError);
  }, []);
  const all = lessons.value;
  const minutes = all?.reduce((sum, one) => sum + one.minutes, 0);
  const next = all?.find((one) => !one.done);
  return html`
    <section class="course" aria-label="The course">
      <header>
        <h2>The course</h2>
        <p>
          ${all?.length ?? ""} lessons, about ${minutes} minutes. Each begins with a question, is done
          on the living workbook beside it, and ends with something that you have done. You need no
          mathematics: a row, a column and a sum are enough.
        </p>
        ${
          next &&
          html`
            <p>
              <button class="button primary" onClick=${() => openLesson(next.name, next.at)}>
                ${next.at > 0 || next.number > 1 ? "Go on" : "Begin"}: ${next.title}
              </button>
            </p>
          `
        }
      </header>
      <ol class="course-list">
        ${all?.map(
          (one) => html`
            <li key=${one.name}>
              <button class="course-entry" onClick=${() => openLesson(one.name, one.done ? 0 : one.at)}>
                <span class="callout" aria-hidden="true">${one.done ? "✓" : one.number}</span>
                <span>
                  <b>${one.title}</b>
                  <span class="course-question"><${Paragraphs} blocks=${one.question} /></span>
                </span>
                <span class="small quiet">
                  ${
                    one.done
                      ? "read"
                      : one.at > 0
                        ? `piece ${one.at + 1} of ${one.pieces.length}`
                        : `${one.minutes} minutes`
                  }
                </span>
              </button>
            </li>
          `,
        )}
      </ol>
    </section>
  `;
}
