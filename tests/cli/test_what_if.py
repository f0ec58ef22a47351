"""`cutaway edit` and `cutaway compare`."""

import json

import numpy as np
import pytest

from tests.cli.conftest import PROMPT, write_model


def ids_of(cutaway, tiny, text):
    return json.loads(cutaway("tokens", text, "--model", tiny, "--json").stdout)[0]["ids"]


def test_silencing_a_head_gives_the_probabilities_that_hugging_face_gives_without_it(
        cutaway, tiny, peer):
    torch = pytest.importorskip("torch")
    answer = json.loads(cutaway("edit", PROMPT, "h0.attention[head=1]=0", "--model", tiny,
                                "--float64", "--json", "--top", "5").stdout)

    def without_head_1(module, arguments):  # heads are 4 wide: columns 4 to 7 are head 1
        joined = arguments[0].clone()
        joined[..., 4:] = 0
        return (joined,)

    peer = peer.double()
    peer.transformer.h[0].attn.c_proj.register_forward_pre_hook(without_head_1)
    with torch.no_grad():
        logits = peer(torch.tensor([ids_of(cutaway, tiny, PROMPT)])).logits[0, -1]
    expected = torch.softmax(logits, -1).numpy()
    for change in answer["next"]:
        assert change["after"] == pytest.approx(expected[change["id"]], rel=1e-9)


def test_only_what_depends_on_the_change_is_listed_and_the_worst_comes_first(cutaway, tiny):
    answer = json.loads(cutaway("edit", PROMPT, "h1.attention[head=0]=0", "--model", tiny,
                                "--json").stdout)
    names = [table["name"] for table in answer["tables"]]
    assert "h1.mixed" in names and not any(name.startswith("h0.") for name in names)
    relative = [table["relative"] for table in answer["tables"]]
    assert relative == sorted(relative, reverse=True)


def test_the_page_shows_both_distributions_and_the_tables_that_moved(cutaway, tiny):
    page = cutaway("edit", PROMPT, "h1.attention[head=0]=0", "--model", tiny).stdout
    assert "before" in page and "after" in page and "points" in page and "h1.mixed" in page


def test_a_formula_changes_the_step_in_every_block(cutaway, tiny):
    answer = json.loads(cutaway("edit", PROMPT, "attention=softmax(causal(scores) * 2)", "--model",
                                tiny, "--json").stdout)
    assert {"h0.attention", "h1.attention"} <= {table["name"] for table in answer["tables"]}


def test_a_change_that_changes_nothing_says_so(cutaway, tiny):
    page = cutaway("edit", PROMPT, "h0.attention=softmax(causal(scores))", "--model", tiny).stdout
    assert "Every number is the same" in page


@pytest.mark.parametrize(("change", "words"), [
    ("h0.attention", "changes nothing: TABLE[CELLS]=VALUE is expected"),
    ("h0.atention=0", "Did you mean 'h0.attention'"),
    ("h0.attention[head=7]=0", "has no head 7: it has 2, from 0 to 1"),
    ("h0.attention[heads=1]=0", "'heads' is no axis of any table. Did you mean 'head'"),
    ("h0.attention[self=1]=0", "'self' is no axis of any table"),
    ("h0.attention[head]=0", "'head' is no selection of cells"),
    ("h0.attention[position=queen]=0", "has no position 'queen'"),
    ("h0.attention[head=1]=softmax(scores)", "a formula is for a whole step"),
    ("h0.attention=softmax(", "cannot be read"),
    ("h0.attention=softmax(scoers)", "Did you mean"),
    ("h0.attention=nan", "NaN"),
    ("=0", "is no table"),
    ("h0.attention[head=0,head=1]=0", "chooses head twice"),
    ("prompt=Sally", "cutaway compare PROMPT OTHER_PROMPT"),
])
def test_a_change_that_cannot_be_made_says_why(cutaway, tiny, change, words):
    result = cutaway("edit", PROMPT, change, "--model", tiny)
    assert result.exit_code == 1
    assert words in result.stderr and "Traceback" not in result.stderr


def test_two_prompts_are_compared_in_the_cells_that_both_have(cutaway, tiny):
    answer = json.loads(cutaway("compare", "The dog chases the cat", "The cat", "--model", tiny,
                                "--json").stdout)
    worst = answer["tables"][0]
    assert worst["relative"] == max(table["relative"] for table in answer["tables"])
    page = cutaway("compare", "The dog chases the cat", "The cat", "--model", tiny).stdout
    assert "compared in the cells that both have" in page.replace("\n  ", " ")


def test_two_models_are_compared_weights_included(cutaway, tiny, tmp_path):
    import shutil

    other = tmp_path / "other"
    shutil.copytree(tiny, other)
    write_model(other, len(json.loads((tiny / "vocab.json").read_text(encoding="utf-8"))), seed=2)
    answer = json.loads(cutaway("compare", PROMPT, "--with", other, "--model", tiny,
                                "--json").stdout)
    assert {"wte", "h1.c_fc_w", "h1.scores"} <= {table["name"] for table in answer["tables"]}


def test_the_differences_are_the_arrays_differences(cutaway, tiny):
    answer = json.loads(cutaway("compare", "The cat moves", "The dog moves", "--model", tiny,
                                "--json").stdout)
    tables = [np.array(json.loads(cutaway("show", "embeddings", text, "--model", tiny,
                                          "--json").stdout)["values"])
              for text in ("The cat moves", "The dog moves")]
    rows = min(map(len, tables))
    largest = np.abs(tables[0][:rows] - tables[1][:rows]).max()
    found = next(table for table in answer["tables"] if table["name"] == "embeddings")
    assert found["largest"] == pytest.approx(largest)


def test_one_prompt_and_no_other_model_is_a_usage_error(cutaway, tiny):
    result = cutaway("compare", PROMPT, "--model", tiny)
    assert result.exit_code == 2 and "Give a second prompt" in result.stderr
