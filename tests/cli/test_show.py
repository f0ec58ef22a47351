"""`cutaway show`: slices, numbers, heat, CSV and JSON."""

import csv
import io
import json

import numpy as np
import pytest

from tests.cli.conftest import PROMPT


@pytest.fixture
def attention_of_the_peer(cutaway, tiny, peer):
    """Every head's attention in block 1, as transformers calculates it: (head position source)."""
    torch = pytest.importorskip("torch")
    answer = json.loads(cutaway("tokens", PROMPT, "--model", tiny, "--json").stdout)
    with torch.no_grad():
        calculated = peer(torch.tensor([answer[0]["ids"]]), output_attentions=True)
    return calculated.attentions[1][0].numpy()


def test_a_slice_as_json_is_hugging_faces_attention(cutaway, tiny, attention_of_the_peer):
    shown = json.loads(cutaway("show", "h1.attention[head=1]", PROMPT, "--model", tiny,
                               "--json").stdout)
    assert shown["axes"] == ["position", "source"]
    np.testing.assert_allclose(shown["values"], attention_of_the_peer[1], rtol=1e-4, atol=1e-7)


def test_a_csv_holds_every_cell_of_every_head(cutaway, tiny, attention_of_the_peer):
    rows = list(csv.reader(io.StringIO(
        cutaway("show", "h1.attention", PROMPT, "--model", tiny, "--csv", "-").stdout)))
    n_head, n_position, _ = attention_of_the_peer.shape
    assert rows[0][:3] == ["head", "position", "position token"]
    assert len(rows) == 1 + n_head * n_position
    numbers = np.array([row[3:] for row in rows[1:]], float).reshape(attention_of_the_peer.shape)
    np.testing.assert_allclose(numbers, attention_of_the_peer, rtol=1e-4, atol=1e-7)


def test_a_csv_file_gives_the_weights_back_to_the_last_digit(cutaway, tiny, tmp_path):
    from safetensors.numpy import load_file

    cutaway("show", "wpe", "--model", tiny, "--csv", "wpe.csv")
    with (tmp_path / "wpe.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    stored = load_file(tiny / "model.safetensors")["transformer.wpe.weight"]
    assert np.array_equal(np.array([row[1:] for row in rows[1:]], np.float32), stored)


def test_a_vocabulary_row_tells_its_row_in_a_spreadsheet_and_its_id(cutaway, tiny):
    page = cutaway("show", "wte[vocabulary=5:7]", "--model", tiny).stdout.splitlines()
    row = next(line for line in page if '"&"' in line)
    assert row.split()[:3] == ["6", "5", '"&"']


def test_a_row_can_be_chosen_by_its_token(cutaway, tiny):
    by_token = cutaway("show", 'h0.attention[head=0,position="."]', PROMPT, "--model", tiny,
                       "--json")
    tokens = json.loads(cutaway("show", "h0.attention[head=0]", PROMPT, "--model", tiny,
                                "--json").stdout)["tokens"]["position"]
    by_number = cutaway("show", f"h0.attention[head=0,position={tokens.index('.')}]", PROMPT,
                        "--model", tiny, "--json")
    assert json.loads(by_token.stdout) == json.loads(by_number.stdout)


def test_attention_rows_are_shown_with_their_sums(cutaway, tiny):
    page = cutaway("show", "h0.attention[head=0,position=0:3]", "one two", "--model", tiny,
                   "--all").stdout
    assert page.count("1.000") >= 3 and "sum" in page


def test_what_is_left_out_is_told(cutaway, tiny):
    page = cutaway("show", "wte", "--model", tiny).stdout
    assert "not shown: vocabulary 20 to" in page and "--all" in page
    assert "not shown" not in cutaway("show", "wte", "--model", tiny, "--all").stdout


@pytest.mark.parametrize("table", ["h0.attention", "h0.queries", "h1.scores[head=0]",
                                   "wte[vocabulary=0:12]", "positions"])
def test_a_whole_table_looks_as_one_that_fits(cutaway, tiny, table):
    """Its lines are written one by one, without the library that lays the others out."""
    arguments = ["show", table, PROMPT, "--model", tiny]
    fits, whole = cutaway(*arguments), cutaway(*arguments, "--all")
    assert "not shown" not in fits.stdout and fits.stdout == whole.stdout


def test_next_probabilities_are_shown_largest_first(cutaway, tiny):
    page = cutaway("show", "next_probabilities", PROMPT, "--model", tiny).stdout
    answer = json.loads(cutaway(PROMPT, "--model", tiny, "--json", "--max-tokens", "0").stdout)
    first_row = page.splitlines()[page.splitlines().index("") + 7]
    assert str(answer["next"][0]["id"]) in first_row.split()


def test_heat_in_a_pipe_is_shades_with_a_legend(cutaway, tiny):
    page = cutaway("show", "h0.mlp_up", PROMPT, "--model", tiny, "--heat").stdout
    assert "█" in page and "- marks numbers below zero" in page and "\x1b" not in page


def test_a_weight_tells_the_file_that_it_comes_from(cutaway, tiny):
    assert "transformer.h.1.attn.c_attn.weight in model.safetensors" in cutaway(
        "show", "h1.c_attn_w", "--model", tiny).stdout.replace("\n  ", " ")


def test_a_table_without_a_prompt_is_calculated_for_an_example_and_says_so(cutaway, tiny):
    assert f"this one was taken: {PROMPT}" in cutaway("show", "h0.keys", "--model", tiny).stdout
    assert "No prompt" not in cutaway("show", "h0.keys", PROMPT, "--model", tiny).stdout


def test_a_plain_number_is_shown(cutaway, tiny):
    assert "1.00e-05" in cutaway("show", "eps", "--model", tiny).stdout


@pytest.mark.parametrize("table", ["h0.attention[]", "h0.keys", "ids", "h1.ln_1_g", "logits",
                                   "h0.attention[head=-1,source=0:2]", "h0.attention[head='1']"])
def test_every_kind_of_table_can_be_drawn_or_says_why_not(cutaway, tiny, table):
    result = cutaway("show", table, PROMPT, "--model", tiny)
    assert result.exit_code == (1 if "'" in table else 0), result.output
