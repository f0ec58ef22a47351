/** @file Claims: what the sources state about GPT-2, each beside what is measured here. */
import {html, signal, useEffect} from "../vendor/ui.js";
import {book, showError} from "../state.js";
import {ask, onPush} from "../server.js";
import {Certificate} from "./verified.js";

/** @typedef {import("../messages.d.ts").ClaimLine} ClaimLine */

const claims = signal(/** @type {ClaimLine[]} */ ([]));
/** What is said of the open model, and which document it was said of. */
const said = signal({model: "", book: ""});
const isRunning = signal(false);

const RESULTS = {
  same: ["same", "✓ same"],
  differs: ["differs", "✗ differs"],
  needs: ["needs", "not measured"],
};

async function load() {
  const opened = book.value.book;
  if (said.value.book === opened) return;
  try {
    const found = await ask("claims");
    claims.value = found.claims;
    said.value = {model: found.model, book: opened};
  } catch (error) {
    showError(error);
  }
}

async function measure() {
  const leave = onPush("claim", (one) => {
    claims.value = claims.value.map((old, place) => (place === one.place ? one : old));
  });
  isRunning.value = true;
  try {
    await ask("claims_measure");
  } catch (error) {
    showError(error);
  } finally {
    leave();
    isRunning.value = false;
  }
}

export function ClaimsView() {
  const opened = book.value.book;
  useEffect(() => {
    load();
  }, [opened]);
  const subjects = [...new Set(claims.value.map(({subject}) => subject))];
  return html`
    <section class="claims" aria-labelledby="claims-title">
      <h2 id="claims-title">What is true of this model</h2>
      <${Certificate} />
      <h3>Claims</h3>
      <p class="claims-lead">
        The workshop and the courses that Cutaway follows state numbers about GPT-2. Here each of
        them stands beside what this computer measures. Every measured number is calculated when
        you press the button; none is written down.
      </p>
      <p class="quiet">${said.value.model}</p>
      <p class="row">
        <button class="button primary" disabled=${isRunning.value || !claims.value.length}
          onClick=${measure}>Measure all</button>
        <button class="button" disabled=${!isRunning.value} onClick=${() => {
          ask("interrupt").catch(showError);
        }}>Stop</button>
        <span class="quiet" role="status">${progress()}</span>
      </p>
      ${subjects.map(
        (subject) => html`
          <${Table} key=${subject} subject=${subject}
            lines=${claims.value.filter((one) => one.subject === subject)} />
        `,
      )}
    </section>
  `;
}

function progress() {
  const measured = claims.value.filter(({result}) => result);
  if (!measured.length) return isRunning.value ? "Measuring …" : "";
  const count = (result) => measured.filter((one) => one.result === result).length;
  const done = isRunning.value ? `Measuring … ${measured.length} of ${claims.value.length}: ` : "";
  return (
    `${done}${count("same")} the same, ${count("differs")} different, ` +
    `${count("needs")} not measured`
  );
}

function Table({subject, lines}) {
  return html`
    <h3>${subject}</h3>
    <table class="plain claims-table">
      <thead>
        <tr>
          <th scope="col">Item</th>
          <th scope="col">Claim</th>
          <th scope="col">Result</th>
          <th scope="col">Measured here</th>
        </tr>
      </thead>
      <tbody>
        ${lines.map((one) => html`<${Line} key=${one.place} one=${one} />`)}
      </tbody>
    </table>
  `;
}

/** @param {{one: ClaimLine}} props */
function Line({one}) {
  const [kind, words] = RESULTS[one.result] ?? ["", "–"];
  return html`
    <tr>
      <th scope="row" class="number">${one.item}</th>
      <td>
        ${one.says}: <b class="claims-value">${one.claimed}</b>
        <details>
          <summary>${one.source}</summary>
          <p>${one.how}</p>
        </details>
      </td>
      <td><span class=${`claims-${kind || "open"}`}>${words}</span></td>
      <td>
        ${
          one.result === "needs"
            ? html`<span class="quiet">needs ${one.measured}</span>`
            : html`<span class="claims-value">${one.measured ?? ""}</span>`
        }
      </td>
    </tr>
  `;
}
