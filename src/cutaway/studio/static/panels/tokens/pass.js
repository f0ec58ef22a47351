/** @file One pass of learning: what was joined and why, the pairs it was chosen from, the text as it is cut now. */
import {html} from "../../vendor/ui.js";
import {Letters, Token, plain} from "./token.js";

const MOST_TOKENS = 400;

/** The pass in a line, and what decided when several pairs were equally frequent. */
export function Result({pass}) {
  if (pass.pass === 0) {
    return html`<section class="tk-result" aria-live="polite"><p class="tk-say">Before the first pass every letter is a
      token: <b>${number(pass.tokens_after)}</b> of them, of <b>${pass.n_vocabulary}</b> kinds.</p></section>`;
  }
  const [left, right] = pass.pair;
  return html`
    <section class="tk-result" aria-live="polite">
      <p class="tk-equation"><span class="callout">${pass.pass}</span>
        <${Token} of=${left} /><span class="tk-plus">+</span><${Token} of=${right} /><span class="tk-plus">=</span>
        <${Token} of=${pass.token} made /> <span class="tk-times">${times(pass.count)}</span></p>
      <p class="tk-say">${number(pass.tokens_before)} tokens become <b>${number(pass.tokens_after)}</b>; the vocabulary
        has <b>${number(pass.n_vocabulary)}</b>. ${pass.n_tied > 1 && html`<span class="tk-tie">A tie: ${number(pass.n_tied)} pairs stand
        there ${times(pass.count)}. Taken is ${pass.rule}.</span>`}</p>
      ${pass.rank !== undefined && html`<p class="tk-legend">${pass.rank === null
        ? "The vocabulary chosen above does not have this merge."
        : html`In the vocabulary chosen above, this merge has rank <b class="tk-number">${number(pass.rank)}</b>.`}</p>`}
    </section>`;
}

/** The most frequent pairs, the winner first, each tied one with its place under the rule. */
export function Pairs({pass}) {
  if (pass.pass === 0) return null;
  const more = pass.n_pairs - pass.pairs.length;
  return html`
    <section class="tk-counted" aria-labelledby="tk-counted">
      <h3 class="label" id="tk-counted">Pairs by frequency</h3>
      <table class="plain tk-pairs">
        <thead><tr><th scope="col">pair</th><th scope="col" class="tk-number">count</th><td class="tk-bar"></td><th scope="col">tie</th></tr></thead>
        <tbody>${pass.pairs.map(({pair: [left, right], count, tied, why}, place) => html`
          <tr key=${place} class=${place === 0 ? "tk-lowest" : ""}>
            <td class="tk-mono"><${Letters} of=${left} /> <span class="tk-plus">+</span> <${Letters} of=${right} /></td>
            <td class="tk-number">${number(count)}</td>
            <td class="tk-bar" aria-hidden="true"><span style=${{width: `${(100 * count) / pass.count}%`}}></span></td>
            <td class="tk-note">${reason(why, place === 0, tied)}</td>
          </tr>`)}</tbody>
      </table>
      ${more > 0 && html`<p class="tk-legend">and ${number(more)} more ${more === 1 ? "pair" : "pairs"}</p>`}
    </section>`;
}

/** Where a tied pair stands under the rule. */
function reason(why, isTaken, isTied) {
  if (!why) return isTied ? "most frequent" : "";
  const place = why.ids ? html`ids ${why.ids.join(", ")}` : html`word ${why.word} <span class="tk-mono"><${Letters} of=${why.text} /></span>, place ${why.place}`;
  return html`${isTaken ? html`<b>taken</b>: ` : "tied: "}${place}`;
}

/** The text as it is cut after the pass, a dot between tokens; the new token is outlined. */
export function Corpus({pass}) {
  let left = MOST_TOKENS;
  const words = pass.corpus.filter(({tokens}) => (left -= tokens.length) > 0);
  return html`
    <section class="tk-corpus" aria-labelledby="tk-corpus">
      <h3 class="label" id="tk-corpus">The text, a dot between tokens</h3>
      <p class="tk-text-cut">${words.map(({tokens, times}, place) => html`<${Word} key=${place} tokens=${tokens} count=${times} made=${pass.token} />`)}</p>
    </section>`;
}

function Word({tokens, count, made}) {
  const name = made === undefined ? null : plain(made);
  return html`<span class="tk-cut">${tokens.map((token, place) => html`
    ${place > 0 && html`<span class="tk-dot">·</span>`}<span class=${plain(token) === name ? "tk-made" : [...plain(token)].length > 1 ? "tk-joined" : ""}><${Letters} of=${token} /></span>`)}${
    count > 1 && html`<span class="tk-times">×${count}</span>`}</span>`;
}

/** All tokens so far, in the order in which they came. */
export function Words({passes, place}) {
  const first = passes[0].vocabulary;
  return html`
    <section class="tk-so-far" aria-labelledby="tk-so-far">
      <h3 class="label" id="tk-so-far">Vocabulary so far <span class="tk-quiet">${number(passes[place].n_vocabulary)}</span></h3>
      <p class="tk-letters">${first.map((symbol, number) => html`<span key=${number}><${Letters} of=${symbol} /> </span>`)}</p>
      <ol class="tk-learned">${passes.slice(1, place + 1).map((pass) => html`
        <li key=${pass.pass}><${Token} of=${pass.token} made=${pass.pass === place} /></li>`)}</ol>
    </section>`;
}

function times(count) {
  return count === 1 ? "once" : `${number(count)} times`;
}

function number(count) {
  return count.toLocaleString("en");
}
