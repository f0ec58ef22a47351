// What is dropped, what a file is called, and how a token is written.
import assert from "node:assert/strict";
import {test} from "node:test";
import {digits, spokenLabel} from "../../src/cutaway/studio/static/editor/words.js";
import {fileName, textOf} from "../../src/cutaway/studio/static/panels/save/files.js";
import {nameFor, topmost} from "../../src/cutaway/studio/static/panels/weights/dropped_files.js";

const paths = (...names) => names.map((path) => ({path}));

test("of a folder the files beside its weights are taken, deeper ones are not", () => {
  const dropped = paths(
    "gpt2/config.json",
    "gpt2/model.safetensors",
    "gpt2/.git/x.bin",
    "gpt2/onnx/a",
  );
  assert.deepEqual(
    topmost(dropped).map(({path}) => path),
    ["gpt2/config.json", "gpt2/model.safetensors"],
  );
});

test("a model is called after its folder, or after its archive", () => {
  assert.equal(nameFor(paths("my gpt2!/model.bin")), "my-gpt2");
  assert.equal(nameFor(paths("weights.zip")), "weights");
  assert.equal(nameFor(paths("model.bin")), "my-model");
});

test("a file is called after the prompt, in Latin letters and not for long", () => {
  assert.equal(fileName("Mike is quick. He moves", "py"), "mike-is-quick-he-moves.py");
  assert.equal(fileName("日本", "py"), "workbook.py");
  assert.ok(fileName("long ".repeat(50), "csv").length <= 52);
});

test("a spreadsheet's text is read in whatever encoding it has, a workbook's in UTF-8 alone", async () => {
  const file = (bytes) => new File([new Uint8Array(bytes)], "numbers.csv");
  const any = {anyEncoding: true};
  assert.equal(await textOf(file([0xff, 0xfe, 0x31, 0x00]), any), "1");
  assert.equal(await textOf(file([0xe9]), any), "é");
  await assert.rejects(textOf(file([0xe9])), /numbers.csv is not UTF-8/);
});

test("the editor's line numbers are as wide as the last one", () => {
  assert.equal(digits(""), 2);
  assert.equal(digits("\n".repeat(998)), 3);
});

test("an editor says which keys run it", () => {
  assert.equal(
    spokenLabel({label: "Code", onRun: () => {}}),
    "Code. Control Enter runs it, Control ] indents, Tab leaves it.",
  );
  assert.equal(spokenLabel({label: "Code", readOnly: true}), "Code");
});
