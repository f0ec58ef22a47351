"""`cutaway surprise`."""

import csv
import io
import json

import pytest

from tests.cli.conftest import PROMPT


def told(cutaway, tiny, *arguments) -> dict:
    return json.loads(cutaway("surprise", *arguments, "--model", tiny, "--json").stdout)


def test_the_loss_is_transformers_on_the_same_ids(cutaway, tiny, peer):
    torch = pytest.importorskip("torch")
    found = told(cutaway, tiny, PROMPT)
    ids = torch.tensor([[token["id"] for token in found["tokens"]]])
    theirs = peer(ids, labels=ids).loss.item()
    assert found["mean_loss"] == pytest.approx(theirs, rel=1e-4)
    assert found["n_predicted"] == ids.numel() - 1
    assert found["tokens"][0]["bits"] is None


def test_a_page_shows_the_tokens_the_most_unexpected_and_the_whole(cutaway, tiny):
    page = cutaway("surprise", PROMPT, "--model", tiny).stdout
    found = told(cutaway, tiny, PROMPT)
    assert "Bits: · from 0  ░ from 1  ▒ from 3  ▓ from 6  █ from 10" in page
    assert f"mean loss   {found['mean_loss']:.4f} nats a token" in page
    worst = max(found["tokens"], key=lambda token: token["bits"] or 0)
    table = page[page.index("The most unexpected"):].split("\n")
    assert table[2].split()[0] == str(worst["place"])


def test_all_is_a_line_for_every_token(cutaway, tiny):
    found = told(cutaway, tiny, PROMPT)
    page = cutaway("surprise", PROMPT, "--model", tiny, "--all").stdout
    lines = page[page.index("Every token"):page.index("The whole text")].strip().split("\n")[2:]
    assert len(lines) == len(found["tokens"])


def test_a_file_is_read_by_its_name_and_a_long_text_in_windows(cutaway, tiny, tmp_path):
    text = "the cat and the dog. " * 8
    (tmp_path / "story.txt").write_text(text, encoding="utf-8")
    found = told(cutaway, tiny, str(tmp_path / "story.txt"))
    assert found == told(cutaway, tiny, text)
    assert found["n_predicted"] > 24
    page = cutaway("surprise", text, "--model", tiny).stdout
    assert "longer than the model's 24 positions" in page and "at least 12 before it" in page


def test_csv_has_a_line_for_every_token(cutaway, tiny):
    found = told(cutaway, tiny, PROMPT)["tokens"]
    lines = list(csv.DictReader(io.StringIO(
        cutaway("surprise", PROMPT, "--model", tiny, "--csv", "-").stdout)))
    assert [line["token"] for line in lines] == [token["text"] for token in found]
    assert [float(line["bits"]) for line in lines[1:]] == [token["bits"] for token in found[1:]]


def test_after_the_models_own_mark_the_first_word_has_a_surprise_too(cutaway, tiny):
    found = told(cutaway, tiny, f"<|endoftext|>{PROMPT}", "--special")
    assert found["n_predicted"] == told(cutaway, tiny, PROMPT)["n_predicted"] + 1


def test_a_file_that_is_no_text_is_told_so(cutaway, tiny, tmp_path):
    (tmp_path / "picture").write_bytes(b"\xff\xd8\xff")
    found = cutaway("surprise", tmp_path / "picture", "--model", tiny)
    assert found.exit_code == 1 and "not UTF-8" in found.stderr


def test_a_text_on_standard_input_names_no_file(cutaway, tiny, tmp_path):
    (tmp_path / "secret.txt").write_text("the cat")
    typed = cutaway("surprise", "secret.txt", "--model", tiny, "--json")
    piped = cutaway("surprise", "-", "--model", tiny, "--json", input="secret.txt\n")
    texts = ["".join(token["text"] for token in json.loads(one.stdout)["tokens"])
             for one in (typed, piped)]
    assert texts == ["the cat", "secret.txt"]
