"""The pictures by keyboard alone: each is opened, every control is reached, doors open, steps step."""

import pytest
from playwright.sync_api import expect

from cutaway.look.picture import CODE, KINDS, picture
from tests.studio.pages.test_keyboard import FOCUSED, Keys
from tests.studio.pages.test_picture import settled

ELSEWHERE = {"rotate", "repeat"}  # which no GPT-2 has
TABLES = ("token_embeddings", "embeddings", "h2.residual", "h2.queries", "h2.scores", "h2.attention",
          "h2.joined", "h2.mlp_normalised", "h2.mlp_active", "predicted_embedding")
# Of all that can be pressed or moved in a picture: what cannot have the focus, and how many there are.
UNREACHED = """() => {
  const place = document.querySelector(".picture");
  const all = [...place.querySelectorAll("button, input, select, summary, [role=button], .pic-wide")]
    .filter((one) => !one.disabled && one.checkVisibility());
  const before = document.activeElement;
  const not = all.filter((one) => (one.focus(), document.activeElement !== one || one.tabIndex < 0));
  before.focus();
  return [not.map((one) => one.outerHTML.slice(0, 80)), all.length];
}"""


def drawn(keys: Keys, table: str) -> None:
    """Open a table, and its picture, which stays the view from table to table."""
    keys.choose(table)
    expect(keys.page.get_by_role("heading", name=table.rsplit(".", maxsplit=1)[-1], exact=True)).to_be_visible()
    if keys.button("Picture").get_attribute("aria-pressed") != "true":
        keys.use(keys.button("Picture"), back=True)
    settled(keys.visit, table)


def reached_by_keys(keys: Keys, run, table: str) -> set[str]:
    """Go through the picture of a table; which kinds are drawn there."""
    drawn(keys, table)
    keys.to(keys.page.locator(".picture button").first)
    unreached, count = keys.page.evaluate(UNREACHED)
    assert not unreached and count
    row, column = keys.page.evaluate("[cutaway.cell.value.row, cutaway.cell.value.column]")
    array = run[table].array
    index = {1: (row,), 2: (row, column), 3: (0, row, column)}[array.ndim]
    stages = picture(run, table, index).stages
    assert keys.page.locator(".pic-stage").count() >= len(stages)
    return {stage.kind for stage in stages}


@pytest.fixture
def keys(visit):
    return Keys(visit.page)


def test_every_kind_of_picture_is_reached_by_keyboard(keys, run):
    kinds = {kind for table in TABLES for kind in reached_by_keys(keys, run, table)}
    keys.visit.ask("change", change={"kind": "formula", "step": "h2.mlp_active",
                                     "formula": "mlp_up.clip(0, 3)"})
    keys.visit.until("cutaway.book.value.cursor === 1")
    drawn(keys, "h2.mlp_active")
    keys.to(keys.page.get_by_role("group", name="Its code"))
    assert kinds | {CODE} == {*KINDS.values(), CODE} - ELSEWHERE


def test_a_picture_plays_steps_and_its_doors_open_by_keyboard(keys):
    page = keys.page
    drawn(keys, "h1.qkv")
    so_far = page.locator(".pic-sum output")
    keys.use(keys.button("To the beginning"))
    expect(so_far).to_have_text("0")
    keys.use(keys.button("One term on"))
    expect(so_far).not_to_have_text("0")
    one = so_far.text_content()
    keys.use(keys.button("Play"), back=True)
    expect(so_far).not_to_have_text(one or "")
    keys.press("Enter")  # the same button stops it
    expect(keys.button("Play")).to_be_visible()
    keys.to(page.get_by_role("slider", name="terms added"))
    keys.press("End", "ArrowLeft")
    assert page.get_by_role("slider", name="terms added").evaluate(FOCUSED)
    keys.use(keys.button("attention_input"), back=True)
    expect(page.get_by_role("heading", name="attention_input", exact=True)).to_be_visible()
    keys.use(keys.button("Back to the table before"), back=True)
    expect(page.get_by_role("heading", name="qkv", exact=True)).to_be_visible()

    drawn(keys, "h2.attention")
    keys.use(page.locator(".pic-head").nth(3))
    assert page.evaluate("cutaway.here().select.head") == 3
    drawn(keys, "next_probabilities")
    temperature = page.locator(".pic-knobs").get_by_role("slider").first
    keys.to(temperature)
    before = temperature.input_value()
    keys.press("ArrowRight")
    expect(temperature).not_to_have_value(before)
    keys.use(keys.button("Draw"))
