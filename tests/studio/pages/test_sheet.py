"""The sheet: every table in two clicks, its numbers, its meaning, where each number comes from.

Over 400 lines: every test is of the one table that is shown, and they share what reads it.
"""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from cutaway.look.follow import Cell, made_from, read_by, way_back
from tests.studio.picture import pixels

# ---- The first page --------------------------------------------------------------------------


def test_the_first_page_has_the_example_calculated(visit, run):
    expect(visit.prompt).to_have_value("Mike is quick. He moves")
    tokens = visit.page.get_by_role("list", name="The tokens of the prompt").get_by_role("button")
    expect(tokens.locator("b")).to_have_text(
        ["M", "ike", "·is", "·quick", ".", "·He", "·mo", "ves"])
    expect(tokens.locator("small")).to_have_text([str(token) for token in run.ids])
    visit.predicts(run["next_probabilities"].array)
    assert visit.grid.get_attribute("aria-rowcount") == "9"
    visit.agrees(run["h0.attention"].array[0])


def test_the_first_page_has_every_part_under_its_role(visit):
    for role, name in [("navigation", "Model map"), ("main", "Table"), ("complementary", "Cell"),
                       ("region", "The next token"), ("tablist", "Drawer"), ("grid", re.compile("")),
                       ("textbox", "Prompt"), ("button", "Help (?)")]:
        expect(visit.page.get_by_role(role, name=name)).to_have_count(1)
    expect(visit.page.get_by_role("tab")).to_have_text(["Changes", "Compare", "Generate"])
    expect(visit.page.get_by_role("button", name="Step into")).to_have_count(0)
    visit.code()
    expect(visit.page.get_by_role("tab")).to_have_text(
        ["Changes", "Compare", "Generate", "Console", "Debugger"])
    expect(visit.page.get_by_role("button", name="Step into")).to_be_visible()


def test_the_width_of_the_cells_story_is_the_visitors_and_writing_has_a_place_of_its_own(visit):
    edge = visit.page.get_by_role("separator", name="Width of the cell's story")
    before = visit.inspector.bounding_box()["width"]
    edge.press("ArrowLeft")
    edge.press("ArrowLeft")
    assert visit.inspector.bounding_box()["width"] == pytest.approx(before + 48, abs=1)
    visit.map.get_by_role("button", name="writing").click()
    expect(visit.page.get_by_role("main").get_by_role("table", name="The choice, stage by stage")
           ).to_be_visible()
    expect(visit.page.get_by_role("tab")).to_have_text(["Changes", "Compare"])


@pytest.mark.parametrize(("tab", "words"), [
    ("Changes", "Nothing is changed."), ("Compare", "Compare with"), ("Generate", "Temperature"),
    ("Console", "nothing printed yet"), ("Debugger", "Nothing is paused.")])
def test_every_tab_of_the_drawer_opens(visit, tab, words):
    expect(visit.drawer(tab).get_by_text(words).first).to_be_visible()


@pytest.mark.parametrize(("place", "words"), [
    ("tokens", "Mike"), ("scratch sheet", "formula"), ("weights and models", "storybook")])
def test_every_place_of_the_map_opens(visit, place, words):
    visit.map.get_by_role("button", name=place).click()
    expect(visit.page.get_by_role("main").get_by_text(words).first).to_be_visible()
    assert visit.page.get_by_role("complementary", name="Cell").count() == 0


# ---- From table to table ---------------------------------------------------------------------


def test_a_block_is_one_click_away_and_any_head_of_it_two(visit, run):
    visit.map.get_by_role("button", name="block 4").click()
    visit.settled("h4.attention", head=0)
    visit.page.get_by_role("button", name="head 5", exact=True).click()
    visit.settled("h4.attention", head=5)
    visit.agrees(run["h4.attention"].array[5])


def test_a_table_of_another_block_is_two_clicks_away(visit, run):
    visit.map.get_by_role("button", name="block 2").click()
    visit.map.get_by_role("button", name="mlp_up").click()
    visit.settled("h2.mlp_up")
    visit.agrees(run["h2.mlp_up"].array)


def test_a_block_has_its_parts_under_plain_headings_and_its_weights_folded(visit, run):
    visit.map.get_by_role("button", name="block 2").click()
    lines = visit.map.locator(".map-steps > li").all_inner_texts()
    words = [" ".join(line.split()) for line in lines]
    first, second = words.index("look around: attention"), words.index("think: MLP")
    assert words[first + 1] == "1 residual" and words[second + 1] == "11 mlp_normalised"
    assert words[-1] == "▸ weights (12)"
    visit.map.get_by_role("button", name="weights (12)").click()
    visit.map.get_by_role("button", name="c_fc_w").click()
    visit.settled("h2.c_fc_w")
    visit.agrees(run["h2.c_fc_w"].array)


def test_the_filter_leaves_only_the_tables_that_are_called_so(visit):
    visit.page.get_by_role("searchbox", name="Filter the tables").fill("h5 scores")
    visit.map.locator(".map-step").click()
    visit.settled("h5.scores")


def test_the_palette_finds_a_table_by_words_and_by_the_keyboard_alone(visit, run):
    visit.page.keyboard.press("Control+k")
    visit.page.keyboard.type("h3 mixed")
    named = visit.dialog.get_by_role("option").filter(
        has=visit.page.locator("code", has_text="mixed"))
    expect(named).to_have_count(1)
    expect(visit.dialog.get_by_role("option").first.locator("code")).to_have_text("h3.mixed")
    visit.page.keyboard.press("Enter")
    visit.settled("h3.mixed")
    visit.agrees(run["h3.mixed"].array[0])
    expect(visit.grid).to_be_focused()


def test_the_palette_finds_meanings_formulas_and_panels_and_says_when_nothing_is_there(visit):
    for words, first in [("looks ahead", "h0.attention"), ("causal(scores)", "h0.attention"),
                         ("queries, keys and values", "h0.c_attn_w"), ("compare", "compare")]:
        visit.page.keyboard.press("Control+k")
        visit.dialog.get_by_role("combobox").fill(words)
        expect(visit.dialog.get_by_role("option").first.locator("code")).to_have_text(first)
        if first != "compare":
            visit.page.keyboard.press("Escape")
    visit.dialog.get_by_role("option").first.click()
    expect(visit.page.get_by_role("tab", name="Compare")).to_have_attribute("aria-selected", "true")
    visit.page.get_by_role("searchbox", name="Filter the tables").fill("no such table")
    expect(visit.map.get_by_role("status")).to_contain_text("No table is called so.")


def test_the_back_button_leads_to_the_table_and_the_cell_before(visit):
    visit.open("h3.mixed", head=2)
    visit.select(4, 1)
    visit.page.evaluate("cutaway.showPlace({table: 'wpe', cell: {row: 3, column: 2}, lines: {row: 3}})")
    visit.settled("wpe")
    expect(visit.cell(3, 2)).to_have_attribute("aria-selected", "true")
    visit.page.get_by_role("button", name="Back to the table before").click()
    visit.settled("h3.mixed", head=2)
    expect(visit.cell(4, 1)).to_have_attribute("aria-selected", "true")


def test_the_block_stepper_keeps_the_step_the_head_and_the_cell(visit, run):
    visit.open("h1.attention", head=3)
    visit.select(6, 2)
    visit.page.get_by_role("button", name="The next block").click()
    visit.settled("h2.attention", head=3)
    expect(visit.cell(6, 2)).to_have_attribute("aria-selected", "true")
    visit.agrees(run["h2.attention"].array[3])
    visit.page.get_by_role("combobox", name="Block").select_option("5")
    visit.settled("h5.attention", head=3)
    expect(visit.page.get_by_role("button", name="The next block")).to_be_disabled()


def test_control_and_brackets_follow_the_formula_back_and_forth(visit, run):
    visit.open("h3.attention")
    visit.page.keyboard.press("Control+[")
    visit.settled(run.precedents("h3.attention")[0])
    visit.page.keyboard.press("Control+]")
    visit.settled("h3.attention")


def test_the_address_holds_the_place_and_the_browsers_buttons_go_through_them(visit):
    page = visit.page
    visit.open("wpe")
    visit.open("h3.attention", head=1)
    visit.select(5, 1)
    drawn_as(visit, "Heat")
    visit.drawer("Compare")
    page.wait_for_url(re.compile(r"/#table/h3\.attention\?head=1&cell=5\.1&as=heat&tab=compare$"))
    page.reload()
    visit.until("globalThis.cutaway?.book.value")
    visit.settled("h3.attention", head=1)
    expect(visit.cell(5, 1)).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("button", name="Heat", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("tab", name="Compare")).to_have_attribute("aria-selected", "true")
    page.go_back()
    visit.settled("wpe")
    page.go_forward()
    visit.settled("h3.attention", head=1)
    expect(visit.cell(5, 1)).to_have_attribute("aria-selected", "true")
    visit.map.get_by_role("button", name="tokens").click()
    page.wait_for_url(re.compile("#tokens"))
    page.go_back()
    visit.settled("h3.attention", head=1)
    page.evaluate("location.hash = '#table/h2.scores?head=4&cell=3.2'")
    visit.settled("h2.scores", head=4)
    expect(visit.cell(3, 2)).to_have_attribute("aria-selected", "true")


def test_a_cell_that_only_the_new_prompt_has_is_selected_once_its_numbers_are_there(visit):
    visit.open("h3.attention", head=1)
    visit.page.evaluate("""() => cutaway.ask("change",
      {change: {kind: "prompt", text: "Tom and Lily went to the park. She was happy"}})
      .then(() => cutaway.showPlace({table: "h3.attention", select: {head: 1},
                                     cell: {row: 10, column: 9}}))""")
    visit.settled("h3.attention", head=1)
    expect(visit.cell(10, 9)).to_have_attribute("aria-selected", "true")


# ---- Going to a row --------------------------------------------------------------------------


@pytest.mark.parametrize(("query", "choose"), [("2952", "row"), ("2952", "token id 2952")])
def test_row_2952_of_the_next_logits_is_found_by_number_and_by_token_id(visit, run, query, choose):
    visit.open("next_logits")
    visit.go_to(query, choose=choose if choose != "row" else "")
    expect(visit.cell(2952, 0)).to_have_attribute("aria-selected", "true")
    assert visit.number(2952, 0) == pytest.approx(run["next_logits"].array[2952], abs=1e-5)
    expect(visit.inspector.get_by_text("2,953, counted from 1")).to_be_visible()


def test_row_2952_of_the_next_logits_is_found_by_its_text(visit, run, model):
    visit.open("next_logits")
    visit.go_to(model.tokenizer.text_of(2952))
    expect(visit.cell(2952, 0)).to_have_attribute("aria-selected", "true")
    assert visit.number(2952, 0) == pytest.approx(run["next_logits"].array[2952], abs=1e-5)


def test_a_column_of_the_logits_is_found_by_its_text(visit, run, model):
    visit.open("logits")
    visit.go_to(model.tokenizer.text_of(2952), column=True)
    expect(visit.cell(0, 2952)).to_have_attribute("aria-selected", "true")
    assert visit.number(0, 2952) == pytest.approx(run["logits"].array[0, 2952], abs=1e-5)


def test_a_row_that_is_not_there_is_said_to_be_none(visit):
    visit.open("h3.attention")
    visit.page.keyboard.press("Control+g")
    visit.dialog.get_by_role("combobox").fill("2952")
    expect(visit.dialog.get_by_text("Nothing is called so.")).to_be_visible()
    visit.page.keyboard.press("Escape")
    expect(visit.dialog).to_have_count(0)


# ---- What a table is -------------------------------------------------------------------------


def test_a_step_tells_its_formula_its_explanation_its_shape_and_its_checks(visit):
    visit.open("h3.attention")
    main = visit.page.get_by_role("main", name="Table")
    expect(main.get_by_role("heading", name="attention")).to_be_visible()
    expect(main.get_by_text("softmax(causal(scores))", exact=True)).to_be_visible()
    expect(main.get_by_text("6 heads × 8 positions × 8 sources")).to_be_visible()
    meaning = main.get_by_text("How much each position reads from each source")
    assert float(meaning.evaluate("(one) => parseFloat(getComputedStyle(one).fontSize)")) >= 16
    expect(main.get_by_text("reads h3.scores")).to_be_visible()
    expect(main.get_by_text("read by h3.mixed")).to_be_visible()
    expect(main.get_by_role("list", name="Checks").get_by_role("listitem")).to_have_text(
        [re.compile("✓ rows sum to 1"), re.compile("✓ nothing looks ahead")])


def test_a_weight_tells_what_it_is_for_and_the_file_that_it_came_from(visit):
    visit.open("h3.c_attn_w")
    main = visit.page.get_by_role("main", name="Table")
    expect(main.get_by_text("The weights that make queries, keys and values (step 4).")
           ).to_be_visible()
    expect(visit.inspector.get_by_text(re.compile(r"model\.safetensors"))).to_be_visible()


# ---- Drawings --------------------------------------------------------------------------------


def drawn_as(visit, name):
    button = visit.page.get_by_role("group", name="Drawn as").get_by_role("button", name=name)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")


def test_attention_is_drawn_as_arcs_whose_shares_are_the_tables(visit, run):
    visit.open("h3.attention", head=1)
    drawn_as(visit, "Arcs")
    drawing = visit.page.get_by_role("group", name="h3.attention as lines")
    row = run["h3.attention"].array[1][5]
    best = int(np.argmax(row))
    expect(drawing.get_by_role("img").nth(5)).to_have_attribute(
        "aria-label", re.compile(rf"^ He reads {row[best] * 100:.1f} % from "))
    triangle = np.tril(run["h3.attention"].array[1])
    expect(drawing.locator("path")).to_have_count(int((triangle > 0.02).sum()))


def test_a_histogram_counts_every_number_of_the_page(visit, run):
    visit.open("h3.residual")
    drawn_as(visit, "Histogram")
    array = run["h3.residual"].array
    drawing = visit.page.get_by_role("img", name=re.compile("^Histogram"))
    expect(drawing).to_have_attribute(
        "aria-label", re.compile(f"^Histogram: {array.size} numbers from "))
    told = visit.page.get_by_text("standard deviation").inner_text()
    mean = re.search(r"mean (\S+),", told)
    assert mean and float(mean[1].replace("−", "-")) == pytest.approx(array.mean(dtype=np.float64), rel=1e-3)


def test_the_next_probabilities_are_drawn_as_bars(visit, run):
    visit.choose("next_probabilities")
    expect(visit.page.get_by_role("group", name="Drawn as").get_by_role("button", name="Bars", exact=True)
           ).to_have_attribute("aria-pressed", "true")
    first = visit.page.locator(".drawing tbody tr").first
    best = int(np.argmax(run["next_probabilities"].array))
    expect(first.locator("td").nth(1)).to_have_text(str(best))


def test_a_heat_map_is_the_darker_the_larger_the_share(visit, run):
    visit.open("h3.attention", head=1)
    visit.page.get_by_role("group", name="Drawn as").get_by_role("button", name="Heat", exact=True).click()
    visit.settled("h3.attention")
    picture = pixels(visit.page.screenshot()).mean(axis=2)
    head = run["h3.attention"].array[1]
    shares, lights = [], []
    for (row, column), (left, top) in visit.boxes().items():
        # Near the corner of the cell, away from the digits in its middle and from its lines.
        lights.append(picture[int(top + 4), int(left + 4)])
        shares.append(head[row, column])
    order = np.argsort(shares)
    assert np.corrcoef(shares, lights)[0, 1] < -0.8
    assert lights[order[-1]] < lights[order[0]] - 60


# ---- One cell --------------------------------------------------------------------------------


def test_a_number_tells_its_value_and_its_tokens(visit, run):
    visit.open("h3.attention", head=1)
    visit.select(5, 1)
    value = float(run["h3.attention"].array[1, 5, 1])
    shown = visit.inspector.locator(".value")
    expect(shown).to_have_text(re.compile(r"^0\."))
    assert float(shown.inner_text()) == pytest.approx(value, rel=1e-5)
    expect(visit.inspector.get_by_text("h3.attention[head=1, position=5, source=1]")).to_be_visible()
    expect(visit.inspector.locator("dl .token", has_text="·He")).to_be_visible()
    expect(visit.inspector.locator("dl .token", has_text="ike")).to_be_visible()


def test_a_weight_tells_its_file_tensor_row_and_column(visit):
    visit.open("h2.c_fc_w")
    visit.select(3, 2)
    origin = visit.inspector.locator("section", has_text="Where it comes from")
    expect(origin).to_contain_text("model.safetensors")
    expect(origin).to_contain_text("h.2.mlp.c_fc.weight")
    expect(origin).to_contain_text("embed 3, hidden 2")


def test_what_a_table_reads_and_what_reads_it_is_a_click_away(visit, run):
    visit.open("h3.attention")
    visit.select(3, 2)
    reads = visit.inspector.locator("section", has=visit.page.get_by_role(
        "heading", name="Reads", exact=True)).get_by_role("button")
    expect(reads).to_have_text(list(run.precedents("h3.attention")))
    read_by = visit.inspector.locator("section", has_text="Is read by").get_by_role("button")
    expect(read_by).to_have_text(list(run.dependents("h3.attention")))
    read_by.first.click()
    visit.settled(run.dependents("h3.attention")[0])


def test_the_products_that_made_a_number_sum_to_it(visit, run):
    visit.open("h3.qkv")
    visit.select(5, 4)
    table = visit.inspector.get_by_role("table", name="The largest products")
    expect(table.locator("tbody tr")).to_have_count(10)
    rows = [[float(cell.replace("−", "-")) for cell in row.locator("td").all_inner_texts()]
            for row in table.locator("tbody tr").all()[:8]]
    assert rows == sorted(rows, key=lambda row: -abs(row[3]))
    for _, left, right, product in rows:
        assert left * right == pytest.approx(product, abs=2e-3)
    rest, total = (float(table.locator("tbody tr").nth(at).locator("td").last.inner_text()
                         .replace("−", "-")) for at in (8, 9))
    assert sum(row[3] for row in rows) + rest == pytest.approx(total, abs=1e-3)
    bias = run["h3.c_attn_b"].array[4]
    value = float(visit.inspector.locator(".value").inner_text().replace("−", "-"))
    assert total + bias == pytest.approx(value, abs=1e-4)
    assert value == pytest.approx(run["h3.qkv"].array[5, 4], abs=1e-5)


def test_a_number_is_followed_back_to_the_weights_and_forwards(visit, run):
    way = visit.page.get_by_role("navigation", name="The way of a number")
    expect(way).to_contain_text("Select a number")
    visit.open("h3.qkv")
    visit.select(5, 4)
    found = made_from(run, Cell("h3.qkv", (5, 4)))
    expect(way.get_by_text("next largest")).to_be_visible()
    expect(way).to_contain_text(f"h3.attention_input[·He, {found[0].cell.index[1]}]")
    table = visit.inspector.get_by_role("table", name="The largest products")
    column = int(table.locator("tbody tr").nth(1).locator("td").first.inner_text())
    table.locator("tbody tr").nth(1).get_by_role("button").first.click()
    visit.settled("h3.attention_input")
    expect(visit.cell(5, column)).to_have_attribute("aria-selected", "true")
    assert visit.page.evaluate("cutaway.here().lines") == {"row": 5}
    expect(way.locator("li")).to_have_text(["h3.qkv[·He, 4]", re.compile(
        rf"h3\.attention_input\[·He, {column}\]")])
    way.get_by_role("button", name="to a weight").click()
    end = way_back(run, Cell("h3.attention_input", (5, column)))[-1]
    visit.settled(end.table)
    expect(visit.cell(*end.index)).to_have_attribute("aria-selected", "true")
    expect(way).to_contain_text("a weight: the way ends here")
    visit.page.get_by_role("button", name="Back to the table before").click()
    visit.settled("h3.attention_input")
    expect(visit.cell(5, column)).to_have_attribute("aria-selected", "true")
    way.get_by_role("button", name="h3.qkv[·He, 4]").click()
    visit.settled("h3.qkv")
    expect(visit.cell(5, 4)).to_have_attribute("aria-selected", "true")
    visit.inspector.get_by_role("button", name="What reads this cell").click()
    reader = read_by(run, Cell("h3.qkv", (5, 4)))[0].cell
    visit.inspector.get_by_role("list", name="What reads this cell").get_by_role("button").first.click()
    visit.settled(reader.table, head=reader.index[0])
    expect(visit.cell(*reader.index[1:])).to_have_attribute("aria-selected", "true")


def test_the_shares_of_a_softmax_stand_below_its_number(visit, run):
    visit.open("h3.attention", head=1)
    visit.select(5, 1)
    table = visit.inspector.get_by_role("table", name="The row's shares")
    expect(table.locator("tbody tr")).to_have_count(8)
    *rows, others, total = table.locator("tbody tr").all()
    assert others.inner_text().split() == ["the", "other", "2", "0.0000"]  # they lie ahead
    assert total.inner_text().split() == ["sum", "1.0000"]
    shares = [float(row.locator("td").nth(2).inner_text()) for row in rows]
    assert shares == pytest.approx(sorted(run["h3.attention"].array[1, 5, :6], reverse=True),
                                   abs=6e-5)
