/** @file The certificate: every table beside Hugging Face's implementation, and its mark on each table. */
import {html, signal} from "../vendor/ui.js";
import {book, openTable} from "../state.js";
import {ask, onPush} from "../server.js";
import {powers} from "../text.js";
import {Term} from "./term.js";

/** @typedef {import("../messages.d.ts").VerifiedTable} VerifiedTable */

/** What was compared, by the table's name, and the state of the document that it was compared in. */
const found = signal(/** @type {Map<string, VerifiedTable>} */ (new Map()));
const state = signal({book: "", version: 0, of: 0});
const isRunning = signal(false);
const failed = signal("");

/** Whether the numbers are those that were compared. */
function holds() {
  const {book: name, version} = book.value;
  return found.value.size > 0 && state.value.book === name && state.value.version === version;
}

async function verify() {
  const {book: name, version} = book.value;
  found.value = new Map();
  state.value = {book: name, version, of: 0};
  failed.value = "";
  isRunning.value = true;
  const leave = onPush("verified", (one) => {
    found.value = new Map(found.value).set(one.table, one);
    if (!state.value.of) state.value = {...state.value, of: one.of};
  });
  try {
    await ask("verify");
  } catch (error) {
    failed.value = error.message;
  } finally {
    leave();
    isRunning.value = false;
  }
}

const apart = ({difference}) =>
  difference === null ? "without end" : difference === 0 ? "0" : powers(difference, 1);

/** @param {{table: string | undefined}} props */
export function VerifiedMark({table}) {
  const one = holds() ? found.value.get(table ?? "") : undefined;
  if (!one || one.outcome === "absent") return null;
  const isSame = one.outcome === "same";
  const words = isSame ? "as in Hugging Face" : "not as in Hugging Face";
  return html`
    <span class=${isSame ? "claims-same" : "claims-differs"}>
      <${Term} word="verified" kind="page" says=${words}>
        ${isSame ? "✓" : "✗"} ${words}
      </${Term}>: ${apart(one)} apart
    </span>
  `;
}

export function Certificate() {
  return html`
    <p class="claims-lead">
      Every table of the open run, beside what Hugging Face's implementation calculates from the
      same weights. What you have changed differs, and all that follows from it.
    </p>
    <p class="row">
      <button class="button primary" disabled=${isRunning.value} onClick=${verify}>
        Verify every table
      </button>
      <button class="button" disabled=${!isRunning.value} onClick=${() => {
        ask("interrupt").catch(() => {});
      }}>Stop verifying</button>
      <span class="quiet" role="status">${progress()}</span>
    </p>
    ${failed.value && html`<p class="bad" role="alert">${failed.value}</p>`}
    ${holds() && html`<${Results} tables=${[...found.value.values()]} />`}
  `;
}

function progress() {
  const {size} = found.value;
  if (isRunning.value) return size ? `${size} of ${state.value.of} tables` : "Comparing …";
  if (!size) return "";
  if (!holds()) return "The numbers have changed since they were compared.";
  const differing = [...found.value.values()].filter(({outcome}) => outcome === "differs");
  return differing.length
    ? `${differing.length} of ${size} tables differ, ${differing[0].table} first`
    : `${size} tables, all the same`;
}

/** @param {{tables: VerifiedTable[]}} props */
function Results({tables}) {
  const differing = tables.filter(({outcome}) => outcome === "differs");
  const largest = tables.reduce((one, other) =>
    (other.difference ?? Infinity) > (one.difference ?? Infinity) ? other : one,
  );
  return html`
    <p>
      The largest difference is <b class="claims-value">${apart(largest)}</b> of a table's largest
      number, in <button class="link mono" onClick=${() => openTable(largest.table)}>
        ${largest.table}
      </button>. At most <b class="claims-value">${powers(largest.limit, 0)}</b> is rounding.
    </p>
    <details>
      <summary>
        ${differing.length ? `The ${differing.length} that differ, and all` : "All tables"}
      </summary>
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">Table</th>
            <th scope="col">Largest difference</th>
            <th scope="col">Result</th>
          </tr>
        </thead>
        <tbody>
          ${[...differing, ...tables.filter((one) => !differing.includes(one))].map(
            (one) => html`
              <tr key=${one.table}>
                <td>
                  <button class="link mono" onClick=${() => openTable(one.table)}>
                    ${one.table}
                  </button>
                </td>
                <td class="number">${apart(one)}</td>
                <td>
                  <span class=${`claims-${one.outcome === "absent" ? "needs" : one.outcome}`}>
                    ${{same: "✓ same", differs: "✗ differs", absent: "not there"}[one.outcome]}
                  </span>
                </td>
              </tr>
            `,
          )}
        </tbody>
      </table>
    </details>
  `;
}
