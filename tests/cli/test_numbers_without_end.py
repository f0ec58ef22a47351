"""Numbers of thousands of digits, and sizes that no machine has: refused at once, by name."""

import pytest

from cutaway.engines.choice import named_engine
from cutaway.errors import CutawayError, PromptTooLong, SettingError
from cutaway.studio.messages.changes import checked_change
from cutaway.studio.messages.fields import read_json
from cutaway.studio.share.read_workbook import read_workbook
from cutaway.tokenizer import Tokenizer
from tests.cli.conftest import PROMPT, TEXT
from tests.cli.test_bad_input import expect_mistake

DIGITS = {"hundreds": "1" * 400, "thousands": "1" * 5_000}


@pytest.mark.parametrize("digits", DIGITS.values(), ids=DIGITS)
@pytest.mark.parametrize("cells", ["vocabulary={}", "vocabulary={}:", "vocabulary=-{}:{}",
                                   "embed=:{}", "embed=-{}"])
def test_an_index(cutaway, tiny, digits, cells):
    told = cutaway("show", f"wte[{cells.replace('{}', digits)}]", "--model", tiny)
    expect_mistake(told, "is a number of", "no table has so many rows or columns")
    assert len(told.stderr) < 200


@pytest.mark.parametrize("digits", DIGITS.values(), ids=DIGITS)
@pytest.mark.parametrize("change", [
    "h0.attention[head={}]=0", "h0.attention=softmax(causal(scores * {}))", "h{}.attention=0",
    "h0.values=part(qkv, {}, of=3)", "h0.values=part(qkv, 2, of={})", "h0.mixed=attention @ {}",
    "h0.mixed=attention @ values ** {}", "h0.mixed=attention @ values / 1e-{}"])
def test_a_number_in_a_change(cutaway, tiny, digits, change):
    told = cutaway("edit", PROMPT, change.replace("{}", digits), "--model", tiny)
    assert told.exit_code == 1 and told.stderr.startswith("cutaway: "), told.output[-300:]
    assert len(told.stderr) < 2_500


@pytest.mark.parametrize("digits", DIGITS.values(), ids=DIGITS)
@pytest.mark.parametrize("message", [
    '{"id": {}, "do": "tile"}', '{"id": 1, "do": "tile", "row": -{}}', '{"a": [[{}]]}'])
def test_a_number_in_a_message_of_the_page(digits, message):
    if len(digits) > 4_300:
        with pytest.raises(CutawayError, match="at most 4,300 digits"):
            read_json(message.replace("{}", digits))
    else:
        with pytest.raises(CutawayError):
            checked_change({"kind": "append", "ids": [read_json(f'{{"a": {digits}}}')["a"]]})


@pytest.mark.parametrize("digits", DIGITS.values(), ids=DIGITS)
@pytest.mark.parametrize("line", [
    'run = run.edit("h0.attention", {}, head=0)', 'run = run.edit("h0.attention", 0, head={})',
    "run = run.append({})"])
def test_a_number_in_a_workbooks_file(digits, line):
    with pytest.raises(CutawayError):
        read_workbook('from cutaway import open_model\n\nmodel = open_model("storybook")\n'
                      f'run = model.run("a")\n{line.replace("{}", digits)}\n')


@pytest.mark.parametrize(("options", "words"), [
    (("--embed", "600000"), "414,79"), (("--batch", "1000000000"), "the ids of a batch"),
    (("--blocks", "1000000000"), "GB of memory"), (("--context", "1" * 12), "one window of text"),
    (("--vocab-size", "1" * 15), "GB of memory"), (("--blocks", "1" * 300), "more than 10^9 GB")])
def test_a_training_run_that_no_machine_holds(cutaway, tmp_path, options, words):
    (tmp_path / "story.txt").write_text(TEXT)
    expect_mistake(cutaway("train", "story.txt", "--out", "mine", *options),
                   "This training run takes at least", words, "smaller batch")
    assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize("threads", ["0", "-1", " 00 "])
def test_no_threads_for_native_code(monkeypatch, threads):
    monkeypatch.setenv("NUMBA_NUM_THREADS", threads)
    with pytest.raises(SettingError, match=r"NUMBA_NUM_THREADS is .* at least 1 is expected"):
        named_engine("compiled", None)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["a" * 100_000, " " * 66_000, "日" * 66_000], ids=lambda t: t[:1])
def test_one_piece_of_which_nobody_waits_for_every_merge(text):
    tokenizer = Tokenizer.from_merges([(b"a", b"a")])
    with pytest.raises(PromptTooLong, match="every merge is shown of at most 65,536"):
        tokenizer.encode_visibly(text)
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_three_megabytes_of_one_letter_on_standard_input(cutaway, tiny):
    for verb in (["predict"], ["generate"], ["show", "h0.attention"]):
        expect_mistake(cutaway(*verb, "-", "--model", tiny, input="a" * 3_000_000),
                       "this model has 24 positions")
