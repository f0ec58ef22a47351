"""The view Picture: every step's numbers are drawn, walked through, and lead to their cells."""

import json
import re
from pathlib import Path

import numpy as np
from playwright.sync_api import expect

from cutaway.glossary import entries, find
from cutaway.look.picture import CODE, KINDS, picture

STATIC = Path(__file__).parents[3] / "src/cutaway/studio/static"


def drawn(visit, table: str, row: int | None = None, column: int = 0, **pages: int) -> None:
    """Show the picture of a cell, and wait until it is the one that stands there."""
    visit.page.evaluate("""([table, pages, row, column]) => {
      cutaway.showPlace({table, select: pages, drawing: "picture"});
      if (row !== null) cutaway.cell.value = {row, column, row_end: row, column_end: column};
    }""", [table, pages, row, column])
    settled(visit, table)


def settled(visit, table: str) -> None:
    visit.until("""([table]) => {
      const place = document.querySelector(".picture")?.dataset.place ?? "", at = cutaway.cell.value;
      return at && place.startsWith(`${table} `) && place.endsWith(` ${at.row} ${at.column} ${cutaway.book.value.version}`);
    }""", table)


def short(value: float) -> str:
    """A number as the page writes it: four decimals, or powers of ten where those say little."""
    if value != 0 and (abs(value) < 1e-3 or abs(value) >= 1e5):
        return re.sub(r"e(-?)\+?0?", r"e\1", f"{value:.2e}").replace("-", "−")
    return f"{value:.4f}".replace("-", "−")


def lit(visit) -> list[str]:
    """The digits of every number in question."""
    return visit.page.locator("td.pic-lit").all_inner_texts()


def test_every_kind_of_picture_is_drawn_by_the_page():
    drawn_kinds = re.search(r"PICTURES = \{(.*?)\}", (STATIC / "drawings/picture/picture.js")
                            .read_text(encoding="utf-8"), re.DOTALL)[1]
    assert set(re.findall(r"^\s*(\w+):", drawn_kinds, re.MULTILINE)) == {*KINDS.values(), CODE}


def test_the_picture_of_every_step_shows_the_numbers_of_its_table(visit, run):
    """One visit, all steps that the model has once, and those of a block: random cells."""
    random = np.random.default_rng(16)
    for name, node in run.book.nodes.items():
        if node.block not in (None, 2) or name == "logits":
            continue
        index = tuple(int(random.integers(size)) for size in run[name].shape)
        *front, row, column = index if len(index) > 1 else (*index, 0)
        drawn(visit, name, row, column, **({"head": front[0]} if front else {}))
        made = picture(run, name, index)
        assert visit.page.locator(".pic-stage").count() >= len(made.stages), name
        digits = lit(visit)
        assert digits[-1] == short(float(run[name].array[index])), name
        for stage in made.stages:
            if stage.kind in ("each", "cut", "normalise", "curve", "join", "same", "mask"):
                line = stage.inputs[0]
                assert short(float(line.numbers[line.lit - line.first])) in digits, line.words


def test_a_product_is_walked_through_by_keyboard_and_its_row_leads_to_other_cells(visit, run):
    visit.open("h1.qkv")
    visit.page.get_by_role("button", name="Picture", exact=True).click()
    settled(visit, "h1.qkv")  # with no cell selected, one is
    last = len(run.ids) - 1
    assert visit.page.evaluate("cutaway.cell.value.row") == last
    row = run["h1.attention_input"].array[last].astype(np.float64)
    sums = np.cumsum(row * run["h1.c_attn_w"].array[:, 0])
    slider = visit.page.get_by_role("slider", name="terms added")
    slider.focus()
    visit.page.keyboard.press("Home")
    expect(visit.page.locator(".pic-term")).to_have_text("Nothing is added up yet.")
    for terms in (1, 2):
        visit.page.keyboard.press("ArrowRight")
        expect(visit.page.locator(".pic-sum output")).to_have_text(short(sums[terms - 1]))
    visit.page.keyboard.press("End")
    expect(visit.page.locator(".pic-sum output")).to_have_text(short(sums[-1]))
    visit.page.get_by_role("button", name="To the beginning").click()
    visit.page.get_by_role("button", name="Play").click()
    expect(visit.page.locator(".pic-sum output")).not_to_have_text("0")
    visit.page.get_by_role("button", name="Pause").click()
    visit.page.locator(".pic-cell").last.click()
    settled(visit, "h1.qkv")
    assert visit.page.evaluate("cutaway.cell.value.column") > 0
    visit.page.get_by_role("button", name="attention_input", exact=True).first.click()
    assert visit.page.evaluate("[cutaway.table.value, cutaway.cell.value.row]") == [
        "h1.attention_input", last]


def test_the_pages_own_labels_open_what_they_mean(visit, run):
    """The step's number, reads and read by, the block, the view, checks, was, star and pencil."""
    attention = run["h3.attention"].array
    visit.open("h3.attention", head=1)
    visit.type_over(7, 5, "0.5")
    visit.has_changes(1)
    main, inspector = visit.page.get_by_role("main"), visit.inspector
    words = {"step number": main, "precedent": main, "dependent": main, "block": main,
             "numbers": main, "checks": main, "pencil": main, "was": inspector}
    for word, place in words.items():
        place.get_by_role("button", name=re.compile(rf"^(.*: w|W)hat is {word}\?$")).focus()
        visit.page.keyboard.press("Enter")
        note = visit.page.get_by_role("group", name=f"What {word} is", exact=True)
        expect(note).to_contain_text(find(word).meaning.split("`")[0])
        visit.page.keyboard.press("Escape")
        expect(note).to_be_hidden()
    expect(inspector.get_by_text(f"was {attention[1, 7, 5]:.4f}")).to_be_visible()
    visit.open("h3.mixed")
    main.get_by_role("button", name="What is star?").click()
    expect(visit.page.get_by_role("group", name="What star is")).to_contain_text("moved numbers")


def test_every_view_of_a_table_is_in_the_glossary():
    drawings = re.search(r"const DRAWINGS = {(.*?)}", (STATIC / "panels/table_view.js")
                         .read_text(encoding="utf-8"), re.DOTALL)[1]
    found = re.findall(r"^  (\w+):", drawings, re.MULTILINE)
    assert {*found} <= {entry.word for entry in entries() if entry.kind == "page"}


def test_a_word_of_a_formula_opens_what_it_means_and_the_glossary_is_searched(visit):
    visit.open("h1.scores")
    formula = visit.page.locator(".formula")
    assert [json.loads(f'"{name}"') for name in formula.locator(".term").all_inner_texts()] == [
        "@", "transpose", "/", "sqrt", "last_axis"]
    formula.get_by_role("button", name="What is @?").focus()
    visit.page.keyboard.press("Enter")
    note = visit.page.get_by_role("group", name="What @ is")
    expect(note).to_contain_text("SUMPRODUCT of a row and a column")
    visit.page.keyboard.press("Escape")
    expect(note).to_be_hidden()
    formula.get_by_role("button", name="What is sqrt?").click()
    visit.page.get_by_role("button", name="The whole glossary").click()
    expect(visit.dialog.get_by_role("article")).to_have_count(1)
    visit.dialog.get_by_role("searchbox").fill("reads")
    expect(visit.dialog.get_by_role("article").filter(has_text="attention").first).to_be_visible()
    visit.dialog.get_by_role("searchbox").fill("gulu")
    expect(visit.dialog.get_by_role("status")).to_have_text("No word with “gulu”.")


def test_leaving_a_cell_whose_products_are_open_is_no_error(visit):
    visit.open("h1.qkv")
    visit.select(1, 1)
    visit.inspector.get_by_role("button", name="Step through the products").click()
    expect(visit.inspector.get_by_role("slider")).to_be_visible()
    visit.inspector.get_by_role("button", name="close").click()
    expect(visit.inspector.get_by_role("slider")).to_have_count(0)  # faults fail the test


def test_a_picture_is_of_use_in_a_narrow_place(visit):
    visit.page.set_viewport_size({"width": 500, "height": 900})
    drawn(visit, "h1.attention", 5, 2, head=1)
    assert visit.page.evaluate("""() => {
      const frame = document.querySelector(".drawing");
      return frame.scrollWidth <= frame.clientWidth && document.documentElement.scrollWidth <= innerWidth + 1;
    }""")
