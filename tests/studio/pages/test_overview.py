"""The overview, what a first visit opens: the whole machine with the prompt's numbers, all doors."""

import re

import pytest
from playwright.sync_api import expect

from tests.studio.pages.visitor import Visitor, labelled


@pytest.fixture
def overview(studio, page):
    """A first visit, on the example."""
    visitor = Visitor(page)
    page.goto(studio.address)
    visitor.until("globalThis.cutaway?.book.value")
    visitor.begin_anew(at_a_table=False)
    if page.locator(".drawer:not(.closed)").count():  # the book before it had changes to show
        page.goto(studio.address)
        visitor.until("globalThis.cutaway?.book.value")
    drawn(visitor)
    return visitor


def drawn(visitor: Visitor) -> None:
    """Wait until the drawing is that of the page's newest numbers."""
    visitor.until("Number(document.querySelector('.machine')?.dataset.version) "
                  "=== cutaway.book.value.version")


def doors(visitor: Visitor):
    return visitor.page.locator(".machine [role=button], .machine .areas button")


def test_a_first_visit_sees_the_machine_with_the_prompts_numbers(overview, model, run):
    machine = overview.page.get_by_role("region", name="The whole machine")
    for token in run.ids:
        text = labelled(model.tokenizer.text_of(int(token)))
        expect(machine.get_by_role("button", name=f"“{text}”, number {token} ")).to_have_count(1)
    best = overview.predicted()[0]
    text = labelled(model.tokenizer.text_of(best[0]))
    expect(machine.get_by_role("button", name=re.compile(
        f"^“{re.escape(text)}” comes next with {best[1] * 100:.1f} %"))).to_have_count(1)
    shares = run["h4.attention"].array[:, -1, :-1]
    words = f"{shares.max() * 100:.1f} % in head {int(shares.max(axis=1).argmax())}, "
    expect(machine.get_by_role("button", name=re.compile(
        f"^Block 4, attention: .* reads most from “[^”]+” {re.escape(words)}"))).to_have_count(1)
    assert overview.page.locator(".drawer.closed").count() == 1


def test_every_door_opens_its_table(overview, run):
    names = [one.get_attribute("aria-label") for one in doors(overview).all()]
    assert len(names) == len(set(names))
    opened = {}
    for place, name in enumerate(names):
        door = doors(overview).nth(place)
        if place % 2:
            door.focus()
            overview.page.keyboard.press("Enter")
        else:
            door.dispatch_event("click")
        opened[name] = overview.page.evaluate("cutaway.table.value")
        expect(overview.grid).to_have_count(1)
        overview.map.get_by_role("button", name="overview", exact=True).click()
        drawn(overview)
    for name, table in opened.items():
        block = re.search(r"[Bb]lock (\d)", name)
        assert table.startswith(f"h{block[1]}." if block else ("ids", "wte", "wpe", "next_", "final",
                                                              "token_", "position_", "emb")), name
        assert table in run.book.nodes or table in run.book.weights or table == "ids"
    of_each_block = {"attention", "mlp_active", "residual_after_mlp", "c_attn_w", "c_fc_w"}
    assert {*opened.values()} == {
        "ids", "token_embeddings", "position_embeddings", "embeddings", "final", "wte",
        "next_probabilities", *(f"h{block}.{name}" for block in range(6) for name in of_each_block)}


def rows_that_ran(overview: Visitor) -> set[int]:
    """The rows of the first strips that were seen to come."""
    return {*overview.page.evaluate("""() => {
      const door = document.querySelector(".machine .door[aria-label^='token_embeddings']");
      return [...door.querySelectorAll("g")].flatMap((one, row) => one.classList.contains("fresh") ? [row] : []);
    }""")}


def test_a_change_of_prompt_is_drawn_and_a_change_of_a_number_is_marked(overview):
    overview.prompt.fill("She was happy")
    overview.prompt.press("Enter")
    overview.until("cutaway.book.value.prompt === 'She was happy'")
    drawn(overview)
    expect(overview.page.get_by_role("button", name="“·happy”, number")).to_have_count(1)
    assert rows_that_ran(overview) == {0, 1, 2}
    overview.ask("generate", temperature=0, count=1)
    overview.until("cutaway.book.value.tokens.length === 4")
    drawn(overview)
    assert rows_that_ran(overview) == {3}  # the others stand still
    expect(overview.page.locator(".door.moved")).to_have_count(0)
    overview.prompt.fill("She was happy because Tom and Lily went to the park")  # more tokens
    overview.prompt.press("Enter")
    overview.until("cutaway.book.value.prompt.endsWith('park')")
    drawn(overview)
    expect(overview.page.get_by_role("button", name="“·park”, number")).to_have_count(1)
    overview.ask("change", change={"kind": "numbers", "table": "h3.attention",
                                   "cells": {"head": 1}, "value": 0})
    overview.until("cutaway.book.value.moved.length > 0")
    drawn(overview)
    moved = [one.get_attribute("aria-label")
             for one in overview.page.locator(".door.moved").all()]
    assert not any("Block 2" in words or "block 2" in words for words in moved)
    assert any(words.startswith("Block 4, attention") for words in moved)
    expect(overview.page.locator(".drawer.closed")).to_have_count(0)


def test_what_is_pointed_at_is_said_below(overview):
    caption = overview.page.locator(".machine-caption")
    door = overview.page.get_by_role("button", name=re.compile("^If the model ended after block 2"))
    door.focus()
    expect(caption).to_have_text(door.get_attribute("aria-label"))
    overview.prompt.focus()
    expect(caption).to_contain_text("A thick line")


@pytest.mark.parametrize("width", [1024, 2560])
def test_the_drawing_fits_its_place(overview, width):
    overview.page.set_viewport_size({"width": width, "height": 800})
    overview.until("""([width]) => {
      const room = document.querySelector(".machine-room"), drawing = room.firstElementChild;
      return Number(drawing.getAttribute("width")) === room.clientWidth
        && room.scrollWidth <= room.clientWidth;
    }""", width)
