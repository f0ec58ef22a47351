/**
 * @file Overview: the whole machine for the open prompt, drawn with its own numbers. Every part is
 * a door to its table.
 */
import {html, signal, useEffect, useRef} from "../vendor/ui.js";
import {book, view} from "../state.js";
import {fetchTheRest} from "../lazy.js";
import {ask} from "../server.js";
import {count, several} from "../text.js";
import {MachineDrawing} from "../drawings/machine.js";
import {caption, Areas} from "../drawings/machine_parts.js";

/** @typedef {import("../messages.js").Answers["overview"]} Overview */

const MOST_POSITIONS = 12;
/** The newest drawing: of which book and version, or why there is none. */
const drawn = signal(
  /** @type {{of: string, version: number, machine?: Overview, fresh?: number, wrong?: string} | null} */ (
    null
  ),
);
/** How large the place is, in pixels: the drawing fits into it. */
const place = signal({width: 0, height: 0});
const BESIDE = 250; // pixels above and below the drawing

/**
 * The first row that was not drawn before: from there on the text is seen to run through the machine.
 * On a first visit all stands still.
 * @param {Overview | undefined} before
 * @param {Overview} machine
 */
function firstNew(before, machine) {
  if (!before) return machine.tokens.length;
  const known = (/** @type {number} */ position) =>
    before.tokens[position - before.first_position]?.id ===
    machine.tokens[position - machine.first_position].id;
  const rows = machine.tokens.map((_, row) => row);
  const found = rows.find((row) => !known(machine.first_position + row));
  return found ?? machine.tokens.length;
}

/** The place in the middle of the page that draws the machine. */
export function OverviewView() {
  const {version, book: name, model} = book.value;
  const room = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    let old = false;
    ask("overview", {positions: MOST_POSITIONS}).then(
      (machine) => {
        if (old) return;
        const before = drawn.peek();
        const again =
          before && before.of === name && before.version === version ? before.fresh : undefined;
        const fresh = again ?? firstNew(before?.machine, machine);
        drawn.value = {of: name, version, machine, fresh};
        fetchTheRest();
      },
      (error) => {
        if (!old) drawn.value = {of: name, version, wrong: error.message};
      },
    );
    return () => {
      old = true;
    };
  }, [version, name]);
  useEffect(() => {
    if (!room.current) return undefined;
    const main = room.current.closest("main") ?? room.current;
    const measure = () => {
      const next = {width: room.current?.clientWidth ?? 0, height: main.clientHeight};
      if (next.width !== place.peek().width || next.height !== place.peek().height)
        place.value = next;
    };
    const watch = new ResizeObserver(measure);
    watch.observe(main);
    measure();
    return () => watch.disconnect();
  }, []);
  const last = drawn.value;
  const machine = last && last.of === name ? last.machine : null;
  const fresh = last?.fresh ?? Infinity;
  const early = machine?.first_position ?? 0;
  return html`
    <section class="machine" aria-label="The whole machine" data-version=${last?.version}>
      <header class="machine-head">
        <h2>The whole machine</h2>
        <p>
          The prompt goes in at the left, passes through ${several(model.n_layer, "block")}, and at
          the right stands what comes next. All of it is numbers of this prompt: point at a part to
          read what it does, click it to open its table.${" "}
          <button class="link" onClick=${() => {
            view.value = "lessons";
          }}>New to this? Ten short lessons explain it.</button>
        </p>
      </header>
      <div class="machine-room" ref=${room}>
        ${
          machine && place.value.width
            ? html`
              <${MachineDrawing} key=${fresh < machine.tokens.length ? last?.version : "still"}
                machine=${machine} fresh=${fresh} width=${place.value.width}
                height=${place.value.height - BESIDE} />
            `
            : last?.wrong
              ? html`<p class="bad" role="alert">Nothing can be drawn: ${last.wrong}</p>`
              : html`<p class="busy" role="status">Drawing …</p>`
        }
      </div>
      ${
        machine &&
        html`
          <p class="machine-caption" aria-live="polite">
            ${
              caption.value ||
              (early
                ? `The newest ${machine.tokens.length} of ${early + machine.tokens.length} ` +
                  "tokens are drawn. "
                : "") +
                "A thick line: a token reads much from another one. Each strip is a row of numbers: " +
                "red above 0, blue below."
            }
          </p>
          <${Areas} areas=${machine.areas} width=${place.value.width} />
          <p class="small quiet">
            ${model.name} is ${count(model.parameters)} learned numbers and nothing else, drawn here
            to scale, block by block: <i class="key area-attention" aria-hidden="true"></i>${" "}
            attention and <i class="key area-mlp" aria-hidden="true"></i> MLP. No sentence is stored
            in it, and no fact that could be looked up.
          </p>
        `
      }
    </section>
  `;
}
