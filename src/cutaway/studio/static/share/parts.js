/** @file The parts of the page around the table: top, model map, changes, cells, what is not here. */
import {edited, element, moved, percent, sized, snapshot, tables, visible} from "./data.js";

const SVG = "http://www.w3.org/2000/svg";

/** The top: what this is, the prompt, its tokens, and the bars of the next token. */
export function top() {
  const {model, prompt, saved} = snapshot;
  const counts = [
    `${model.n_layer} blocks`,
    `${model.n_head} heads`,
    `${model.n_embd.toLocaleString("en")} wide`,
    `${model.parameters.toLocaleString("en")} parameters`,
  ].join(", ");
  return element(
    "header",
    {className: "top"},
    element(
      "div",
      {className: "top-line"},
      element("span", {className: "brand"}, mark(), "Cutaway"),
      element(
        "p",
        {className: "prompt-line"},
        element("span", {className: "label"}, "Prompt"),
        element("strong", {className: "mono", id: "prompt"}, prompt),
      ),
      element(
        "p",
        {className: "about small"},
        element("b", {}, model.name),
        ` ${counts}`,
        element("br"),
        element("span", {className: "quiet"}, `A page to read. ${saved}`),
      ),
    ),
    element("div", {className: "top-line second"}, tokens(), bars()),
  );
}

function mark() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  for (const [path, name] of [
    ["M12 3.5A8.5 8.5 0 1 0 20.5 12H12Z", ""],
    ["M14 3.8v6M17 5.2v4.6M20.2 10H14", "warm"],
  ]) {
    const made = document.createElementNS(SVG, "path");
    made.setAttribute("d", path);
    made.setAttribute("class", name);
    svg.append(made);
  }
  return svg;
}

function tokens() {
  const written = (index) => (index >= snapshot.n_prompt ? " written" : "");
  return element(
    "ol",
    {className: "tokens", "aria-label": "The tokens of the prompt", tabindex: "0"},
    snapshot.tokens.map(({id, text}, index) =>
      element(
        "li",
        {
          className: `piece${written(index)}`,
          title: `position ${index}: token ${id}${written(index) && ", written by the model"}`,
        },
        element("b", {}, visible(text)),
        element("small", {}, String(id)),
      ),
    ),
  );
}

function bars() {
  const {prediction, prediction_before: before} = snapshot;
  if (!prediction.length) return null;
  const most = Math.max(prediction[0].probability, before?.[0].probability ?? 0);
  const old = new Map((before ?? []).map((one) => [one.id, one.probability]));
  const meter = (share, name) => {
    const bar = element("i", {className: name});
    bar.style.width = `${Math.max(0.5, (100 * share) / most)}%`;
    return bar;
  };
  const was = (id) => (old.has(id) ? percent(old.get(id)) : "less");
  return element(
    "section",
    {className: "next", "aria-label": "The next token"},
    element(
      "h2",
      {className: "label"},
      "Next token",
      before && element("span", {className: "changed"}, " now / was"),
    ),
    element(
      "ol",
      {className: "bars"},
      prediction
        .slice(0, 6)
        .map((one) =>
          element(
            "li",
            {
              title: `token ${one.id}${one.logit === null ? "" : `, logit ${one.logit.toFixed(3)}`}`,
            },
            element("b", {}, visible(one.text)),
            element(
              "span",
              {className: "meter"},
              meter(one.probability, "now"),
              before && meter(old.get(one.id) ?? 0, "was"),
            ),
            element(
              "span",
              {className: "number"},
              percent(one.probability),
              before && element("s", {}, ` ${was(one.id)}`),
            ),
          ),
        ),
    ),
  );
}

/** The model from end to end: a part with its tables each. @param {string} shown the table in sight */
export function map(shown, filter) {
  const wanted = filter.trim().toLowerCase();
  const parts = [
    ...snapshot.model.map.map((sheet) => [
      title(sheet),
      sheet.steps.map((step) => step.name).concat(sheet.weights),
    ]),
    ["Inputs", ["ids"]],
    ["Cells", [...tables.keys()].filter((name) => name.startsWith("scratch."))],
  ];
  return parts.map(([words, names]) => {
    const found = names.filter((name) => tables.has(name) && name.toLowerCase().includes(wanted));
    if (!found.length) return null;
    const open = Boolean(wanted) || found.includes(shown);
    return element(
      "details",
      {open},
      element(
        "summary",
        {},
        words,
        found.some((name) => moved.has(name)) &&
          element("span", {className: "star", title: "moved by a change"}, " ★"),
      ),
      element(
        "ul",
        {},
        found.map((name) => element("li", {}, link(name, name === shown))),
      ),
    );
  });
}

function title(sheet) {
  if (sheet.block !== null) return `Block ${sheet.block}`;
  return {embed: "Tokens and embeddings", head: "Language head"}[sheet.key] ?? sheet.key;
}

/** A table's name that leads to it, starred when a change moved it; plain where it is not in the file. */
export function link(name, current = false) {
  if (!tables.has(name))
    return element("span", {className: "quiet", title: "not in this file"}, name);
  const {number} = tables.get(name);
  return element(
    "a",
    {href: `#${encodeURIComponent(name)}`, "aria-current": current && "true"},
    number && element("small", {}, `${number} `),
    name,
    edited.has(name)
      ? element("span", {className: "star", title: "edited"}, " ✎")
      : moved.has(name) && element("span", {className: "star", title: "moved by a change"}, " ★"),
  );
}

/** What was changed, what the cells gave, and what this file does not hold. */
export function notes() {
  return [changes(), cells(), missing()];
}

function changes() {
  const list = snapshot.changes.map(({words}) => element("li", {}, element("code", {}, words)));
  return element(
    "section",
    {},
    element("h2", {className: "label"}, `Changes (${list.length})`),
    list.length
      ? element("ol", {className: "changes"}, list)
      : element("p", {className: "quiet"}, "None: these are the model's own numbers."),
  );
}

function cells() {
  if (!snapshot.cells.length) return null;
  return element(
    "section",
    {},
    element("h2", {className: "label"}, `Cells (${snapshot.cells.length})`),
    snapshot.cells.map((cell) =>
      element(
        "article",
        {className: "cell"},
        element(
          "h3",
          {},
          cell.name || cell.cell,
          element("small", {className: "quiet"}, ` ${cell.kind}`),
        ),
        element(
          "pre",
          {tabindex: "0", "aria-label": `The source of ${cell.name || cell.cell}`},
          cell.source,
        ),
        result(snapshot.results[cell.cell]),
      ),
    ),
  );
}

function result(answer) {
  if (!answer) return element("p", {className: "quiet small"}, "It had not run.");
  if (answer.state === "error")
    return element(
      "p",
      {className: "bad small"},
      `${answer.message}${answer.line ? ` (line ${answer.line})` : ""}`,
    );
  const ranking = (answer.ranking ?? []).map(({token, cosine}) =>
    element(
      "tr",
      {},
      element("td", {className: "mono"}, visible(token)),
      element("td", {className: "number"}, cosine.toFixed(4)),
    ),
  );
  return element(
    "div",
    {className: "result small"},
    answer.state === "stale" && element("p", {className: "changed"}, answer.message),
    answer.table && element("p", {}, link(answer.table)),
    answer.shape_words && element("p", {className: "quiet"}, answer.shape_words),
    answer.text && element("pre", {tabindex: "0", "aria-label": "Its result"}, answer.text),
    ranking.length > 0 && element("table", {className: "plain"}, ranking),
  );
}

function missing() {
  const {left_out: left, weights, vocabulary, model} = snapshot;
  const cut = vocabulary.length < model.n_vocabulary;
  return element(
    "section",
    {className: "missing"},
    element("h2", {className: "label"}, "Not in this file"),
    element(
      "p",
      {},
      `The model's ${weights.count} weight tables `,
      `(${weights.parameters.toLocaleString("en")} numbers, ${sized(4 * weights.parameters)}).`,
    ),
    cut &&
      element(
        "p",
        {},
        `Tables as wide as the vocabulary are cut to ${vocabulary.length.toLocaleString("en")} of its `,
        `${model.n_vocabulary.toLocaleString("en")} tokens: the likeliest next ones, and the prompt's.`,
      ),
    left.length > 0 && [
      element("p", {}, "Too large for the size that was chosen:"),
      element(
        "ul",
        {},
        left.map(({name, bytes}) =>
          element("li", {}, element("code", {}, name), ` ${sized(bytes)}`),
        ),
      ),
    ],
  );
}
