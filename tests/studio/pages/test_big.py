"""The page on a model of GPT-2 small's size: every table at hand, the largest to its last corner."""

import shutil

import numpy as np
import pytest
from playwright.sync_api import expect

import cutaway
from cutaway.models.config import PUBLISHED
from cutaway.models.gpt2 import gpt2
from cutaway.tokenizer import gpt2_folder
from cutaway.weights import save_weights
from tests.studio.pages.visitor import Visitor
from tests.studio.running import RunningStudio

PROMPT = "Mike is quick. He moves"
IDS = [16073, 318, 2068, 13, 679, 6100]  # the workshop's, and tiktoken's


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """GPT-2 small with GPT-2's own vocabulary; a million random numbers again and again."""
    folder, config = tmp_path_factory.mktemp("gpt2") / "model", PUBLISHED["gpt2"]
    numbers = np.random.default_rng(0).normal(0, 0.02, 1_000_003).astype(np.float16)
    arrays = {name: np.resize(numbers, [config.sizes[axis] for axis in axes])
              for name, axes in gpt2(config).weights.items()}
    save_weights(folder, config, arrays, dtype="float16")
    for file in gpt2_folder().iterdir():
        shutil.copy(file, folder)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def studio(folder, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    with RunningStudio(home, PROMPT, "--model", str(folder)) as running:
        yield running


@pytest.fixture
def visit(studio, page):
    visitor = Visitor(page)
    visitor.arrive(studio.address)
    return visitor


def test_the_largest_matrix_scrolls_to_its_last_row_and_column(visit, folder):
    wte = cutaway.open_model(folder).weights["wte"]
    visit.open("wte")
    visit.grid.focus()
    visit.page.keyboard.press("Control+End")
    visit.settled("wte")
    visit.cell(50_256, 767).wait_for(state="attached")
    assert np.float32(visit.number(50_256, 767)) == wte[50_256, 767]
    visit.agrees(np.asarray(wte, np.float32))
    visit.page.mouse.move(*visit.point(50_250, 765))
    visit.page.mouse.wheel(-3000, -100_000)
    visit.until("""() => Number(document.querySelector("[role=grid] [role=row][aria-rowindex]"
        + ":nth-of-type(3)").ariaRowIndex) < 50000""")
    visit.settled("wte")
    visit.agrees(np.asarray(wte, np.float32))


def test_the_row_of_a_token_is_found_by_its_number_and_by_its_text(visit):
    visit.open("wte")
    visit.go_to("2952")
    visit.settled("wte")
    expect(visit.cell(2952, 0)).to_have_attribute("aria-selected", "true")
    visit.go_to(" quickly")
    visit.settled("wte")
    expect(visit.cell(2952, 0)).to_have_attribute("aria-selected", "true")
    expect(visit.inspector).to_contain_text("2,953, counted from 1")


def test_the_prompts_tokens_are_gpt2s(visit):
    assert [token["id"] for token in visit.state()["tokens"]] == IDS


def test_every_table_is_in_the_map_and_the_palette_opens_it(visit):
    book = gpt2(PUBLISHED["gpt2"])
    listed = [name for one in visit.state()["model"]["map"]
              for name in [*(step["name"] for step in one["steps"]), *one["weights"]]]
    assert sorted(listed) == sorted([*book.nodes, *book.weights]) and len(listed) > 350
    for name in ("h11.attention", "h7.mlp_active", "h0.c_attn_w", "h5.mlp_c_proj_b", "logits",
                 "wpe", "next_probabilities"):
        visit.open(name)
        visit.settled(name)


def test_an_edit_in_the_last_block_calculates_that_block_only(visit):
    visit.open("h11.attention")
    visit.change_menu("Set to 0", part="head 0")
    visit.has_changes(1)
    assert visit.state()["changes"][0]["recalculated"] <= 16 + 6
    assert all(name.startswith("h11.") or "." not in name for name in visit.state()["moved"])
    visit.page.get_by_role("button", name="Undo").click()
    visit.has_changes(0)
