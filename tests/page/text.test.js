// Numbers, sizes and tokens as texts. The expected texts are written by hand.
import assert from "node:assert/strict";
import {readFileSync, readdirSync} from "node:fs";
import {test} from "node:test";
import {numberWriter} from "../../src/cutaway/studio/static/grid/numbers.js";
import * as text from "../../src/cutaway/studio/static/text.js";

test("a share is a percentage of one decimal, and a certain one has none", () => {
  assert.equal(text.percent(0.085), "8.5 %");
  assert.equal(text.percent(0), "0.0 %");
  assert.equal(text.percent(0.9996), "100 %");
});

test("spaces at the ends of a token and line ends are visible, spaces inside are left", () => {
  assert.equal(text.visible("  a b "), "··a b·");
  assert.equal(text.visible("\n\t"), "⏎⇥");
  assert.equal(text.visible(" \u0007\u202e"), "·␇�");
});

test("a number has four decimals, or a power of ten where those say little", () => {
  assert.equal(text.short(0.25), "0.2500");
  assert.equal(text.short(0), "0.0000");
  assert.equal(text.short(0.0001234), "1.23e−4");
  assert.equal(text.short(-123456), "−1.23e5");
  assert.equal(text.short(null), "∞");
});

test("sizes are in the unit that leaves one to three digits before the point", () => {
  assert.equal(text.bytes(0), "0 bytes");
  assert.equal(text.bytes(999), "999 bytes");
  assert.equal(text.bytes(1000), "1.0 kB");
  assert.equal(text.bytes(7_017_680), "7.0 MB");
  assert.equal(text.bytes(548_105_171), "548 MB");
  assert.equal(text.bytes(6_000_000_000_000), "6000 GB");
});

test("one is singular, everything else plural", () => {
  assert.equal(text.several(1, "file"), "1 file");
  assert.equal(text.several(0, "file"), "0 files");
  assert.equal(text.several(1200, "tensor"), "1,200 tensors");
  assert.equal(text.size([768, null, 2304]), "768 × ? × 2,304");
});

test("a number may be typed with a point, a comma, a power of ten or a typographic minus", () => {
  assert.equal(text.numberIn(" 0.25 "), 0.25);
  assert.equal(text.numberIn("0,25"), 0.25);
  assert.equal(text.numberIn("-3e-4"), -0.0003);
  assert.equal(text.numberIn("−1"), -1);
  assert.equal(text.numberIn(".5"), 0.5);
});

test("thousands that could be a fraction are asked about, and never read as either", () => {
  for (const both of ["1,000", "-12,345", "1,000,000"]) {
    assert.equal(text.isAmbiguous(both), true, both);
    assert.equal(text.numberIn(both), null, both);
  }
  for (const plain of ["0,125", "1,5", "1000", "1,0000"])
    assert.equal(text.isAmbiguous(plain), false, plain);
});

test("what is no finite number is none", () => {
  for (const word of ["", "-", "1.2.3", "1e999", "0x10", "one", "1 2", "NaN"]) {
    assert.equal(text.numberIn(word), null, word);
  }
});

test("a pasted block keeps rows and columns, whatever ends its lines", () => {
  assert.deepEqual(text.blockIn("1\t2\r\n3\t4\r\n"), {
    numbers: [
      [1, 2],
      [3, 4],
    ],
    width: 2,
  });
  assert.deepEqual(text.blockIn("5"), {numbers: [[5]], width: 1});
});

test("a block that is ragged, or holds a word, says what is wrong", () => {
  assert.deepEqual(text.blockIn("1\t2\n3"), {
    wrong: "The pasted lines have different numbers of columns.",
  });
  assert.deepEqual(text.blockIn("1\tx"), {wrong: "“x” is no number."});
});

test("one minus and one sign for a space: no module of the page makes its own", () => {
  const root = new URL("../../src/cutaway/studio/static/", import.meta.url);
  // The exported page (share) is one file without text.js; a path of a drawing is no text.
  const own = readdirSync(root, {recursive: true, encoding: "utf8"}).filter(
    (name) => name.endsWith(".js") && !/^(vendor|share)\b|^text\.js$/.test(name),
  );
  assert.ok(own.length > 80);
  for (const name of own) {
    const source = readFileSync(new URL(name, root), "utf8");
    assert.doesNotMatch(source, /replace(All)?\("-", "−"\)/, name);
    assert.doesNotMatch(source, /"·"\.repeat|␣|↵/, name);
  }
  assert.equal(text.fixed(-0.5, 3), "−0.500");
  assert.equal(text.powers(-1.26e-7, 1), "−1.3e−7");
  assert.equal(text.signed(-0.25), "−0.2500");
  assert.equal(numberWriter({largest: 1})(-0.25), text.short(-0.25));
});

test("when something was is told by the day, and by the date where that is further away", () => {
  const now = new Date(2026, 10, 30, 0, 10);
  const at = (...date) => new Date(2026, ...date).getTime() / 1000;
  assert.equal(text.when(at(10, 30, 0, 5), now), "today, 00:05");
  assert.equal(text.when(at(10, 29, 23, 59), now), "yesterday, 23:59");
  assert.equal(text.when(at(10, 28, 23, 59), now), "28 Nov 2026, 23:59");
  assert.equal(text.when(at(0, 2, 9, 3), now), "2 Jan 2026, 09:03");
});
