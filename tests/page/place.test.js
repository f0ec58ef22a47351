// A place as the fragment of an address. The expected fragments are written by hand.
import assert from "node:assert/strict";
import {test} from "node:test";
import {fragmentOf, placeIn} from "../../src/cutaway/studio/static/place.js";

const HEAD = {
  view: "table",
  table: "h3.attention",
  select: {head: 1},
  cell: {row: 5, column: 1, row_end: 5, column_end: 1},
  drawing: "heat",
  tab: "compare",
};

test("a place is written with table, page, cell, drawing and tab, and read again", () => {
  assert.equal(fragmentOf(HEAD), "#table/h3.attention?head=1&cell=5.1&as=heat&tab=compare");
  assert.deepEqual(placeIn(fragmentOf(HEAD)), {...HEAD, cell: {row: 5, column: 1}});
  const range = {row: 2, column: 0, row_end: 4, column_end: 7};
  assert.equal(fragmentOf({view: "table", table: "wte", cell: range}), "#table/wte?cell=2.0-4.7");
  assert.deepEqual(placeIn("#table/wte?cell=2.0-4.7")?.cell, range);
});

test("the overview is the bare address, and other views are words", () => {
  assert.equal(fragmentOf({view: "overview"}), "");
  assert.deepEqual(placeIn(""), {view: "overview"});
  assert.equal(fragmentOf({view: "tokens", tab: "changes"}), "#tokens?tab=changes");
  assert.deepEqual(placeIn("#tokens?tab=changes"), {view: "tokens", tab: "changes"});
});

test("the page's key, half a place and nonsense name no place", () => {
  for (const fragment of ["#page=AbC-_9", "#table", "#tokens/wte", "#<script>", "#table/a b"])
    assert.equal(placeIn(fragment), null, fragment);
  assert.equal(placeIn("#table/wte?cell=x.1")?.cell, null);
  assert.deepEqual(placeIn("#table/wte?head=-1&embed=1e3")?.select, {});
});
