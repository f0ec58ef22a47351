// How far tables moved, in words and places. The expected words and places are written by hand.
import assert from "node:assert/strict";
import {test} from "node:test";
import {
  arrowFrom,
  blocksBySteps,
  calculatedWords,
  differentWords,
  levelOf,
  mostMoved,
  movedWords,
} from "../../src/cutaway/studio/static/panels/moved_by.js";

const step = (name, number, heading = "") => ({name, number, heading});
const MAP = [
  {key: "embed", block: null, steps: [step("rows", "a")]},
  {key: "h0", block: 0, steps: [step("h0.asks", "1", "look"), step("h0.adds", "2", "think")]},
  {
    key: "h1",
    block: 1,
    steps: [step("h1.asks", "1", "look"), step("h1.mixes", "1b"), step("h1.adds", "2", "think")],
  },
  {key: "head", block: null, steps: [step("scores", "a"), step("shares", "b")]},
];

test("blocks are rows and steps columns in the sheet's order, what is outside at the ends", () => {
  const {steps, headings, before, blocks, after} = blocksBySteps(MAP);
  assert.deepEqual(
    steps.map(({short}) => short),
    ["asks", "mixes", "adds"],
  );
  assert.deepEqual(headings, [
    {words: "look", span: 2},
    {words: "think", span: 1},
  ]);
  assert.deepEqual(
    blocks.map(({cells}) => cells),
    [
      ["h0.asks", null, "h0.adds"],
      ["h1.asks", "h1.mixes", "h1.adds"],
    ],
  );
  assert.deepEqual(
    [before, after].map((rows) => rows.map(({cells}) => cells)),
    [[["rows"]], [["scores", "shares"]]],
  );
});

test("an arrow goes to the next box, over what is not there, and stays at an edge", () => {
  const {before, blocks, after} = blocksBySteps(MAP);
  const rows = [...before, ...blocks, ...after].map(({cells}) => cells);
  assert.equal(arrowFrom(rows, "h0.asks", "ArrowRight"), "h0.adds");
  assert.equal(arrowFrom(rows, "h0.adds", "ArrowRight"), "h0.adds");
  assert.equal(arrowFrom(rows, "h1.mixes", "ArrowUp"), "rows");
  assert.equal(arrowFrom(rows, "h1.adds", "ArrowDown"), "shares");
  assert.equal(arrowFrom(rows, "shares", "ArrowDown"), "shares");
  assert.equal(arrowFrom(rows, "shares", "Enter"), "shares");
});

test("how far a table moved is said in words, and is one of five strengths", () => {
  assert.equal(movedWords("h3.attention", 0.0412), "h3.attention moved by 4.1 %");
  assert.equal(movedWords("h3.attention", 0.00001), "h3.attention moved by under 0.1 %");
  assert.equal(movedWords("h3.attention", 1e300), "h3.attention moved by over 999 %");
  assert.equal(movedWords("h3.attention", undefined), "h3.attention did not move");
  assert.match(movedWords("logits", null), /^logits moved; by how much was not/);
  assert.deepEqual(
    [undefined, null, 0.0001, 0.01, 0.3, 0.5, 7].map(levelOf),
    [0, 0, 1, 2, 3, 4, 4],
  );
});

test("those that moved most come first, and who was not measured is none of them", () => {
  const by = new Map([
    ["a", 0.1],
    ["b", null],
    ["c", 2],
  ]);
  assert.deepEqual(mostMoved(by), [
    {name: "c", share: 2},
    {name: "a", share: 0.1},
  ]);
  assert.equal(mostMoved(by, 1).length, 1);
});

test("the two counts say of what they are", () => {
  assert.equal(differentWords(17, 123), "17 of 123 tables are different now");
  assert.equal(differentWords(1, 123), "1 of 123 tables is different now");
  const cost = {recalculated: 15, first_row: 0, seconds: 0.0124};
  assert.equal(calculatedWords(cost), "15 tables calculated for the next token in 12 ms");
  assert.equal(
    calculatedWords({...cost, recalculated: 1, first_row: 3}),
    "1 table calculated for the next token, rows from 3 on, in 12 ms",
  );
});
