"""`cutaway train`: from a text file to a model, with and without Ctrl-C."""

import json
import os
import signal

import pytest

from tests.cli.conftest import TEXT

pytest.importorskip("torch")
SMALL = ("--blocks", "1", "--heads", "2", "--embed", "8", "--context", "16", "--vocab-size", "280",
         "--batch", "2", "--steps", "6", "--every", "3", "--warmup", "2")


@pytest.fixture
def story(tmp_path):
    (tmp_path / "story.txt").write_text(TEXT * 4, encoding="utf-8")
    return "story.txt"


def test_a_trained_model_opens_in_every_verb(cutaway, story):
    page = cutaway("train", story, "--out", "mine", *SMALL)
    assert page.exit_code == 0, page.output
    assert "step 6 of 6" in page.stdout and "held-out loss" in page.stdout
    assert "tokens a second" in page.stdout
    assert cutaway("generate", "The king", "--model", "mine", "--max-tokens", "3").exit_code == 0
    assert cutaway("The king", "--model", "mine", "--max-tokens", "3").exit_code == 0


def test_a_model_is_trained_on_the_tokens_of_another_vocabulary(cutaway, story):
    small = [*SMALL[:SMALL.index("--vocab-size")], *SMALL[SMALL.index("--batch"):]]
    made = cutaway("train", story, "--out", "mine", "--tokenizer", "gpt2", *small)
    assert made.exit_code == 0, made.output
    page = json.loads(cutaway("Mike is quick. He moves", "--model", "mine", "--json").stdout)
    assert [token["id"] for token in page["tokens"]] == [16073, 318, 2068, 13, 679, 6100]  # W37
    both = cutaway("train", story, "--out", "other", "--tokenizer", "gpt2", *SMALL)
    assert both.exit_code == 2 and "give one of the two" in both.stderr


def test_ctrl_c_saves_and_resuming_ends_with_the_very_weights(cutaway, story, monkeypatch,
                                                              tmp_path):
    cutaway("train", story, "--out", "whole", *SMALL)
    press_ctrl_c_after_step(monkeypatch, 4)
    stopped = cutaway("train", story, "--out", "parts", *SMALL)
    assert stopped.exit_code == 130
    assert "Stopped after step 4 of 6." in stopped.stdout
    assert "Go on with: cutaway train story.txt --out parts --resume" in stopped.stderr
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    assert cutaway("train", story, "--out", "parts", "--resume").exit_code == 0
    assert ((tmp_path / "parts/model.safetensors").read_bytes()
            == (tmp_path / "whole/model.safetensors").read_bytes())


def press_ctrl_c_after_step(monkeypatch, number, ending=signal.SIGINT):
    from cutaway.cli.drawing import train_progress

    words = train_progress.Pace.words

    def and_press(pace, step):
        if step.step == number:
            os.kill(os.getpid(), ending)
        return words(pace, step)

    monkeypatch.setattr(train_progress.Pace, "words", and_press)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP], ids=["SIGTERM", "SIGHUP"])
def test_what_ends_a_program_from_outside_is_ctrl_cs_equal(cutaway, story, monkeypatch, ending):
    before = signal.signal(ending, signal.SIG_DFL)  # under nohup it would be deaf, and stay so
    press_ctrl_c_after_step(monkeypatch, 3, ending)
    try:
        result = cutaway("train", story, "--out", "mine", *SMALL)
        assert signal.getsignal(ending) == signal.SIG_DFL
    finally:
        signal.signal(ending, before)
    assert result.exit_code == 130 and "Stopped after step 3" in result.stdout
    assert "--resume" in result.stderr
    assert cutaway("train", story, "--out", "mine", "--resume").exit_code == 0


def test_what_ignores_a_closed_terminal_goes_on(cutaway, story, monkeypatch):
    """nohup begins programs so."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    press_ctrl_c_after_step(monkeypatch, 3, signal.SIGHUP)
    try:
        result = cutaway("train", story, "--out", "mine", *SMALL)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert result.exit_code == 0 and "Stopped" not in result.stdout


def test_a_second_ctrl_c_stops_at_once(cutaway, story, monkeypatch):
    from cutaway.cli.drawing import train_progress

    def press_twice(pace, step):
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        raise AssertionError("the second Ctrl-C should have stopped this")

    monkeypatch.setattr(train_progress.Pace, "words", press_twice)
    result = cutaway("train", story, "--out", "mine", *SMALL)
    assert result.exit_code == 130
    assert result.stderr.endswith("cutaway: stopped.\n")


@pytest.mark.parametrize(("text", "options", "words"), [
    ("", (), "no text to learn from"),
    ("too short", ("--vocab-size", "260"), "Give more text, or a shorter context with --context"),
    (TEXT, ("--heads", "3"), "cannot be split evenly"),
    (TEXT, ("--steps", "0"), "steps is 0"),
    (TEXT, ("--rate", "-1"), "rate is -1.0"),
    (TEXT, ("--vocab-size", "10"), "256"),
    (b"\xff\xfe", (), "not UTF-8"),
])
def test_what_cannot_be_trained_says_why(cutaway, tmp_path, text, options, words):
    content = text if isinstance(text, bytes) else text.encode("utf-8")
    (tmp_path / "story.txt").write_bytes(content)
    result = cutaway("train", "story.txt", "--out", "mine", *SMALL, *options)
    assert result.exit_code == 1
    assert words in result.stderr and "Traceback" not in result.stderr


def test_a_folder_with_a_model_is_not_trained_over(cutaway, story, tiny):
    result = cutaway("train", story, "--out", tiny, *SMALL)
    assert result.exit_code == 1 and "holds a model already" in result.stderr


def test_a_folder_that_cannot_be_made_is_told(cutaway, story):
    result = cutaway("train", story, "--out", "story.txt/mine", *SMALL)
    assert result.exit_code == 1 and "story.txt/mine cannot be made" in result.stderr


def test_resuming_where_nothing_was_begun_says_so(cutaway, story):
    result = cutaway("train", story, "--out", "nothing", "--resume")
    assert result.exit_code == 1 and "begin without --resume" in result.stderr


def test_resuming_with_other_settings_is_a_usage_error(cutaway, story):
    result = cutaway("train", story, "--out", "mine", "--resume", "--steps", "9", "--seed", "1")
    assert result.exit_code == 2 and "leave out --steps, --seed" in result.stderr


def test_a_missing_text_file_is_a_usage_error(cutaway):
    result = cutaway("train", "nowhere.txt", "--out", "mine")
    assert result.exit_code == 2 and "nowhere.txt cannot be read" in result.stderr


def test_the_paths_can_be_chosen_and_the_losses_stay(cutaway, story, monkeypatch):
    def losses(page):
        return [line.split("rate")[0] for line in page.stdout.splitlines() if "step " in line]

    fast = cutaway("train", story, "--out", "fast", *SMALL, "--compile", "no")
    monkeypatch.setenv("CUTAWAY_ENGINE", "numpy")
    plain = cutaway("train", story, "--out", "plain", *SMALL, "--compile", "yes")
    assert losses(fast) == losses(plain) != []
    assert cutaway("train", story, "--out", "mine", "--compile", "maybe").exit_code == 2


def test_weights_are_not_dealt_out_to_one_process(cutaway, story):
    result = cutaway("train", story, "--out", "mine", *SMALL, "--shard")
    assert result.exit_code == 1 and "torchrun --nproc-per-node 2" in result.stderr


def test_the_card_says_that_a_cpu_calculates_in_float32(cutaway, story, tmp_path):
    cutaway("train", story, "--out", "mine", *SMALL)
    assert "products in float32" in (tmp_path / "mine/README.md").read_text(encoding="utf-8")


FROM = ("--batch", "2", "--steps", "6", "--every", "3", "--warmup", "2", "--rate", "0.01")


def test_a_model_goes_on_from_another_and_a_stopped_one_ends_with_the_very_weights(
        cutaway, story, tiny, monkeypatch, tmp_path):
    whole = cutaway("train", story, "--out", "whole", "--from", tiny, *FROM)
    assert whole.exit_code == 0, whole.output
    losses = [float(line.split("held-out loss ")[1].split()[0])
              for line in whole.stdout.splitlines() if line.startswith("after step")]
    assert len(losses) == 3 and losses[0] > losses[1] > losses[2]
    press_ctrl_c_after_step(monkeypatch, 4)
    stopped = cutaway("train", story, "--out", "parts", "--from", tiny, *FROM)
    assert "Go on with: cutaway train story.txt --out parts --resume" in stopped.stderr
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    assert cutaway("train", story, "--out", "parts", "--resume").exit_code == 0
    for name in ("model.safetensors", "README.md"):
        ours, theirs = ((tmp_path / folder / name).read_bytes() for folder in ("parts", "whole"))
        assert ours.replace(b"# parts", b"# whole") == theirs


def test_the_bundled_model_learns_a_new_text(cutaway, tmp_path):
    # "Jack and Jill": a rhyme that its stories do not hold.
    (tmp_path / "rhyme.txt").write_text("Jack and Jill went up the hill to fetch a pail of water. "
                                        "Jack fell down and broke his crown.\n" * 8, "utf-8")
    page = cutaway("train", "rhyme.txt", "--out", "rhymer", "--from", "storybook", "--context",
                   "16", "--batch", "2", "--steps", "4", "--warmup", "0", "--rate", "0.001")
    assert page.exit_code == 0, page.output
    first, last = (float(line.split("held-out loss ")[1].split()[0])
                   for line in page.stdout.splitlines() if line.startswith("after step"))
    assert last < first - 0.2
    assert "weights of `storybook`" in (tmp_path / "rhymer/README.md").read_text("utf-8")


@pytest.mark.parametrize("options", [
    ("--blocks", "2"), ("--heads", "2", "--embed", "8"), ("--vocab-size", "300"),
    ("--tokenizer", "gpt2"), ("--architecture", "gpt2")])
def test_what_the_model_has_already_is_not_asked_for_beside_from(cutaway, story, options):
    result = cutaway("train", story, "--out", "mine", "--from", "storybook", *options)
    assert result.exit_code == 2
    assert f"leave out {', '.join(options[::2])}." in " ".join(result.stderr.split())


@pytest.mark.parametrize(("options", "status", "words"), [
    (("--from", "storybok"), 1, "Did you mean 'storybook'"),
    (("--from", "storybook", "--context", "257"), 1, "reads at most 256 tokens at once"),
    (("--from", "storybook", "--resume"), 2, "leave out --from"),
])
def test_what_cannot_be_gone_on_from_says_why(cutaway, story, options, status, words):
    result = cutaway("train", story, "--out", "mine", *options)
    assert result.exit_code == status and words in " ".join(result.stderr.split())


def test_what_was_found_is_told_before_training_with_the_first_document(cutaway, tmp_path):
    rows = [f"The king said number {number % 40}." for number in range(60)]
    (tmp_path / "rows.csv").write_text("id,text\n" + "".join(f"1,{row}\n" for row in rows), "utf-8")
    (tmp_path / "marks.txt").write_text("".join(f"{row}<|endoftext|>\n" for row in rows), "utf-8")
    for file, options in (("rows.csv", ()), ("marks.txt", ("--encoding", "ascii"))):
        page = cutaway("train", file, "--out", f"from-{file}", *SMALL, *options)
        assert page.exit_code == 0, page.output
        assert "59 documents (19 duplicates), " in page.stdout
        assert 'The first document begins: "The king said number 0."' in page.stdout
    weights = [(tmp_path / f"from-{file}/model.safetensors").read_bytes()
               for file in ("rows.csv", "marks.txt")]
    assert weights[0] == weights[1]


def test_an_end_mark_in_a_text_is_learned_as_the_mark_and_never_as_letters(cutaway, tmp_path):
    (tmp_path / "marks.txt").write_text("ab<|endoftext|>ba<|endoftext|>" * 20, "utf-8")
    page = cutaway("learn-tokens", "marks.txt", "--merges", "9", "--brief")
    assert page.exit_code == 0 and "endo" not in page.stdout and "|" not in page.stdout
    assert "40 documents, 38 of them duplicates." in page.stderr


def test_the_file_that_is_no_utf_8_is_named_among_several(cutaway, story, tmp_path):
    (tmp_path / "old.txt").write_bytes(b"caf\xe9")
    result = cutaway("train", story, "old.txt", "--out", "mine", *SMALL)
    assert result.exit_code == 1 and "old.txt: The byte 0xE9" in result.stderr
