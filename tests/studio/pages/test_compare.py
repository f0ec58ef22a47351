"""Comparing: before and after, two prompts, and which of their rows are beside each other."""

from playwright.sync_api import expect

OTHER = "Sally is slow. She moves"


def test_an_edit_is_compared_with_before_worst_table_first(visit, run):
    visit.open("h3.attention", head=1)
    visit.change_menu("Set to 0", "head 1")
    visit.has_changes(1)
    panel = visit.drawer("Compare")
    panel.get_by_role("button", name="Compare", exact=True).click()
    rows = panel.get_by_role("table", name="Tables that differ, worst first").locator("tbody tr")
    expected = run.diff(run.edit("h3.attention", 0, head=1))
    expect(rows.first.get_by_role("button")).to_have_text(expected[0].name)
    rows.first.get_by_role("button").click()
    visit.settled(expected[0].name)


def test_two_prompts_are_compared(visit):
    panel = visit.drawer("Compare")
    panel.get_by_role("combobox", name="Compare with").select_option("prompt")
    panel.get_by_role("textbox", name="The other prompt").fill("Mike is quick. She moves")
    panel.get_by_role("button", name="Compare", exact=True).click()
    expect(panel.get_by_text("against the prompt “Mike is quick. She moves”")).to_be_visible()
    first = panel.locator("tbody tr").first
    first.get_by_role("button").click()
    expect(visit.inspector.locator(".address")).to_be_visible()
    visit.page.get_by_role("textbox", name="Prompt", exact=True).fill(OTHER)
    visit.page.keyboard.press("Enter")
    visit.has_changes(1)
    visit.drawer("Compare")
    expect(panel.get_by_text("has changed since: compare again")).to_be_visible()
    expect(panel.locator("tbody")).to_have_count(0)


def test_prompts_of_different_lengths_are_compared_as_far_as_both_go(visit, run):
    panel = visit.drawer("Compare")
    panel.get_by_role("combobox", name="Compare with").select_option("prompt")
    panel.get_by_role("textbox", name="The other prompt").fill("Mike")
    panel.get_by_role("button", name="Compare", exact=True).click()
    expect(panel.get_by_text("as far as both go")).to_be_visible()
    expect(panel.locator("tbody")).to_contain_text("0 “M”")


def test_prompts_are_compared_by_the_word_where_one_has_a_word_more(visit, run):
    panel = visit.drawer("Compare")
    panel.get_by_role("combobox", name="Compare with").select_option("prompt")
    panel.get_by_role("textbox", name="The other prompt").fill("Mike is very quick. He moves")
    panel.get_by_role("button", name="Compare", exact=True).click()
    expect(panel.get_by_text("by the word: equal words beside each other.")).to_be_visible()
    expect(panel.locator(".beside .token")).to_have_text(["·very"])
    ways = panel.get_by_role("group", name="Compare rows")
    expect(ways.get_by_role("button", name="by the word")).to_have_attribute("aria-pressed", "true")
    ways.get_by_role("button", name="from the start").click()
    expect(panel.get_by_text("from the first one on, as far as both go")).to_be_visible()
    worst = panel.locator("tbody tr").first
    expected = run.edit("prompt", "Mike is very quick. He moves").diff(run)
    nodes = [one for one in expected if one.name in run.book.nodes and one.name != "logits"]
    expect(worst.get_by_role("button")).to_have_text(nodes[0].name)
