"""The page as one HTML file: the same digits from the disk, no request, nothing of it run."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from cutaway.studio.messages.changes import checked_change, words_of
from cutaway.studio.share.page_html import page_html
from cutaway.studio.worker.verbs.snapshot import snapshot
from cutaway.studio.worker.verbs.summary import model_card, summary
from cutaway.studio.worker.workspace import Workspace
from tests.studio.asking import asked as asked_of

PROMPT = "Mike is quick. He moves"
HEAD_OFF = {"kind": "numbers", "table": "h3.attention", "cells": {"head": 1}, "value": 0}
SHARPER = {"kind": "formula", "step": "h5.attention", "formula": "softmax(causal(scores * 2))"}
WRITTEN = {"kind": "append", "ids": [261]}
ATTACKS = ["<script>attacked()</script>", "</script><script>attacked()</script>",
           "<!--<script>", "--><img src=x onerror=attacked()>", "<b>bold</b>", "&lt;b&gt;",
           "'\"><svg onload=attacked()>", "\u2028attacked()", "{{7*7}}", "javascript:attacked()"]


def workspace(*changes, prompt=PROMPT):
    work = Workspace(lambda message: None, lambda function: function())
    work.open("storybook", prompt)
    for change in changes:
        work.change(checked_change(change))
    return work


def kept(work, cells=(), shown="h3.attention", select=None, **asked):
    """What the server puts into a page: what it knows, and what the worker adds."""
    told = summary(work)
    tables = asked_of(snapshot, work, table=shown, moved=told["moved"], **asked)
    return {**told, **tables, "model": model_card(work), "prompt": PROMPT,
            "changes": [{"words": words_of(change)} for change in work.changes],
            "cells": list(cells), "shown": {"table": shown, "select": select or {}},
            "saved": "Saved on 1 June 2026."}


@pytest.fixture(scope="module")
def work():
    return workspace(HEAD_OFF, SHARPER, WRITTEN)


@pytest.fixture
def opened(tmp_path, new_page, faults):
    """A function that writes a snapshot's page to the disk and opens it there."""

    def open_file(kept_page, **options):
        file = tmp_path / "page.html"
        file.write_text(page_html(kept_page), encoding="utf-8")
        page = new_page(**options)
        page.asked = []
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(file.as_uri())
        page.wait_for_selector(".grid-cell")
        return page

    return open_file


def shown_numbers(page, rows, columns):
    """The title of each cell: the number with every digit."""
    found = page.locator(".grid-cell").evaluate_all(
        "cells => Object.fromEntries(cells.map(cell => [cell.id, cell.title]))")
    return np.array([[np.float32(found[f"cell-{row}-{column}"].replace("−", "-"))
                      for column in range(columns)] for row in range(rows)])


def wait_for_table(page, name):
    page.locator("h1").get_by_text(name, exact=True).wait_for()


# ---- In a browser, from the disk -------------------------------------------------------------


def test_a_table_shows_the_very_numbers_of_the_run(work, opened):
    page = opened(kept(work, select={"head": 2}))
    expected = work.run["h3.attention"].array[2]
    np.testing.assert_array_equal(shown_numbers(page, 9, 9), expected)
    assert page.locator("h1").inner_text() == "h3.attention"


def test_another_head_is_shown_at_a_click(work, opened):
    page = opened(kept(work))
    page.get_by_role("group", name="head").get_by_role("button", name="1", exact=True).click()
    np.testing.assert_array_equal(shown_numbers(page, 9, 9), np.zeros((9, 9), np.float32))


def test_nothing_is_asked_for_but_the_file_itself(work, opened):
    page = opened(kept(work))
    page.get_by_role("link", name="h3.scores").first.click()
    wait_for_table(page, "h3.scores")
    assert [url for url in page.asked if not url.startswith("data:font/")] == [page.asked[0]]
    assert page.asked[0].startswith("file://")


def test_the_prompt_its_tokens_and_the_next_tokens_are_there(work, opened):
    page = opened(kept(work))
    assert page.locator("#prompt").inner_text() == PROMPT
    tokens = page.get_by_role("list", name="The tokens of the prompt").locator("small")
    assert [int(id) for id in tokens.all_inner_texts()] == work.run.ids.tolist()
    best = page.get_by_role("region", name="The next token").locator("li").first.inner_text()
    share = float(work.run["next_probabilities"].array.max())
    assert f"{share * 100:.1f} %" in best


def test_the_formula_its_meaning_and_its_neighbours_are_told(work, opened):
    page = opened(kept(work, shown="h5.attention"))
    words = page.locator(".table-words").inner_text()
    assert "softmax(causal(scores * 2))" in words and "softmax(causal(scores))" in words
    assert "every row sums to 1" in words
    page.get_by_role("main").get_by_role("link", name="h5.scores").click()
    wait_for_table(page, "h5.scores")
    page.go_back()
    wait_for_table(page, "h5.attention")


def test_what_was_changed_and_what_moved_are_told(work, opened):
    page = opened(kept(work))
    notes = page.get_by_role("complementary").inner_text()
    for words in ("h3.attention[head=1] = 0", "softmax(causal(scores * 2))", "1 token written"):
        assert words in notes
    nav = page.get_by_role("navigation")
    assert nav.get_by_role("link", name="h3.mixed").locator(".star").count() == 1
    assert nav.get_by_role("link", name="h3.scores").locator(".star").count() == 0


def test_cells_stand_there_with_what_came_of_them(work, opened):
    page_of = kept(work, cells=[
        {"cell": "c1", "kind": "formula", "name": "total", "source": "h0.attention.sum()"},
        {"cell": "c2", "kind": "code", "name": "broken", "source": "1 / 0"},
        {"cell": "c3", "kind": "code", "name": "later", "source": "pass"}])
    page_of["results"] = {
        "c1": {"state": "done", "text": "54.0", "shape_words": "a number", "message": ""},
        "c2": {"state": "error", "message": "ZeroDivisionError: division by zero", "line": 1}}
    notes = opened(page_of).get_by_role("complementary").inner_text()
    for words in ("h0.attention.sum()", "54.0", "division by zero (line 1)", "It had not run."):
        assert words in notes


def test_a_cell_is_reached_with_the_keyboard_and_told_with_every_digit(work, opened):
    page = opened(kept(work, shown="h0.mlp_up"))
    page.get_by_role("grid").focus()
    page.keyboard.press("Control+End")
    expected = work.run["h0.mlp_up"].array
    told = page.locator(".cell-line")
    assert told.inner_text().startswith("position 8 “·the”, hidden 767 ")
    value = page.locator("#value").inner_text().replace("−", "-")
    assert np.float32(value) == expected[8, 767]
    for key, column in (("ArrowLeft", 766), ("Home", 0), ("ArrowRight", 1)):
        page.keyboard.press(key)
        assert f"hidden {column} " in told.inner_text()
    page.keyboard.press("PageUp")
    page.keyboard.press("Control+Home")
    assert np.float32(page.locator("#value").inner_text().replace("−", "-")) == expected[0, 0]


def test_only_the_cells_in_sight_are_in_the_page(work, opened):
    page = opened(kept(work, shown="h0.mlp_up"))
    assert page.locator(".grid-cell").count() < 9 * 40
    page.get_by_role("grid").evaluate("grid => grid.scrollTo(1e9, 0)")
    page.wait_for_selector("#cell-0-767")
    assert page.locator(".grid-cell").count() < 9 * 40


def test_tables_as_wide_as_the_vocabulary_are_cut_and_say_so(work, opened):
    page = opened(kept(work, shown="next_logits"))
    assert "4096 in the model, cut to" in page.locator(".table-words").inner_text()
    first = page.locator(".grid-row-head").first
    id = int(first.locator("small").inner_text())
    value = page.locator("#cell-0-0").get_attribute("title").replace("−", "-")
    assert np.float32(value) == work.run["next_logits"].array[id]
    assert "cut to" in page.get_by_role("complementary").inner_text()


def test_a_table_is_found_by_a_part_of_its_name(work, opened):
    page = opened(kept(work))
    page.get_by_role("searchbox", name="Find a table").fill("mlp_up")
    links = page.get_by_role("navigation").get_by_role("link")
    assert links.count() == 6
    links.nth(4).click()
    wait_for_table(page, "h4.mlp_up")


def test_it_is_readable_in_dark_colours_and_on_a_narrow_screen(work, opened):
    page = opened(kept(work), color_scheme="dark", viewport={"width": 700, "height": 900})
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark == "rgb(18, 23, 31)"
    assert page.evaluate("document.documentElement.scrollWidth") <= 700


def test_markup_in_prompt_tokens_cells_changes_and_model_stays_text(work, opened):
    page_of = kept(work)
    for attack in ATTACKS:
        page_of["prompt"] += attack
        page_of["tokens"].append({"id": 1, "text": attack})
        page_of["changes"].append({"words": attack})
        page_of["cells"].append({"cell": f"c{len(page_of['cells'])}", "kind": attack,
                                 "name": attack, "source": attack})
    everything = "".join(ATTACKS)
    page_of["model"]["name"] = page_of["saved"] = everything
    page_of["prediction"][0]["text"] = everything
    page_of["vocabulary"][0]["text"] = everything
    page_of["left_out"] = [{"name": everything, "bytes": 5}]
    page_of["results"] = {"c1": {"state": "done", "message": everything, "text": everything,
                                 "shape_words": everything, "table": everything,
                                 "ranking": [{"token": everything, "cosine": 1.0}]},
                          "c2": {"state": "error", "message": everything, "line": 1}}
    first = page_of["tables"][0]
    first |= {"explanation": everything, "formula": everything, "formula_before": "x",
              "edits": [everything], "precedents": [everything], "shape_words": everything,
              "origin": everything, "number": everything}
    page = opened(page_of)
    assert page.locator("#page script, #page b b, #page img, #page svg[onload]").count() == 0
    assert page.locator("script").count() == 2
    assert page.evaluate("typeof attacked") == "undefined"
    text = page.evaluate("document.body.innerText + document.body.textContent")
    for attack in ATTACKS:
        assert attack in text
    page.goto(page.url + "#" + "%E0%A4%A")
    assert page.locator("h1").inner_text() == "h3.attention"


# ---- What the file is made of ----------------------------------------------------------------


class Parts(HTMLParser):
    """The elements of a file, each with its attributes and its text."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append([tag, dict(attributes), ""])

    def handle_endtag(self, tag):
        self.found.append(["after", {}, ""])

    def handle_data(self, data):
        if self.found:
            self.found[-1][2] += data

    def named(self, tag):
        return [(attributes, text) for name, attributes, text in self.found if name == tag]


def test_the_file_allows_its_own_script_and_style_and_nothing_else(work):
    parts = Parts(page_html(kept(work)))
    policy = next(attributes["content"] for attributes, _ in parts.named("meta")
                  if attributes.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.partition(" ")[::2] for rule in policy.split("; "))
    [(_, data), (module, script)] = parts.named("script")
    [(_, style)] = parts.named("style")
    for rule, text in (("script-src", script), ("style-src", style)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert rules["font-src"] == "data:"
    assert module == {"type": "module"}
    assert json.loads(data)["prompt"] == PROMPT
    used = {name for attributes in (one[1] for one in parts.found) for name in attributes}
    assert used <= {"lang", "charset", "http-equiv", "content", "name", "id", "type"}


def test_the_file_holds_no_address_of_another_machine(work):
    text = page_html(kept(work))
    assert set(re.findall(r"https?://[^\s\"']+", text)) == {"http://www.w3.org/2000/svg"}
    assert "import " not in text[text.index('<script type="module">'):]


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_ends_the_block_that_holds_the_data(work, attack):
    page_of = kept(work) | {"prompt": attack, "tables": [], "saved": attack}
    parts = Parts(page_html(page_of))
    assert [attributes for attributes, _ in parts.named("script")] == [
        {"type": "application/json", "id": "snapshot"}, {"type": "module"}]
    assert json.loads(parts.named("script")[0][1])["prompt"] == attack


# ---- What the worker gives -------------------------------------------------------------------


def decoded(table):
    return np.frombuffer(base64.b64decode(table["numbers"]), "<f4").reshape(table["shape"])


def test_every_calculated_table_and_every_edited_weight_is_in_the_snapshot():
    work = workspace({"kind": "numbers", "table": "wpe", "cells": {"position": 0}, "value": 0})
    found = {table["name"]: table for table in kept(work)["tables"]}
    assert found.keys() == {*work.run.book.nodes, "wpe", "ids"}
    for name in ("h0.queries", "wpe", "ids", "final"):
        np.testing.assert_array_equal(decoded(found[name]), work.run[name].array)
    assert found["wpe"]["labels"] == {}
    assert found["h0.attention"]["labels"] == {"position": "prompt", "source": "prompt"}


def test_what_there_is_no_room_for_is_named_with_its_size_and_what_matters_most_is_kept(work):
    page_of = kept(work, shown="h0.mlp_up", bytes=100_000)
    names = [table["name"] for table in page_of["tables"]]
    assert names[:2] == ["h0.mlp_up", "h3.attention"]
    left = {one["name"]: one["bytes"] for one in page_of["left_out"]}
    assert left["h0.mlp_active"] == 9 * 768 * 4
    assert left.keys() | set(names) == {*work.run.book.nodes, "ids"}
    assert sum(len(table["numbers"]) for table in page_of["tables"]) <= 100_000


def test_a_default_page_stays_below_20_megabytes():
    work = workspace(prompt="The little fox went home. " * 40)
    assert len(work.run.ids) > 200
    text = page_html(kept(work))
    assert len(text.encode()) < 20 * 2**20
    assert json.loads(Parts(text).named("script")[0][1])["left_out"]


def test_the_kept_tokens_are_the_likeliest_and_those_of_the_prompt(work):
    page_of = kept(work)
    ids = [token["id"] for token in page_of["vocabulary"]]
    best = np.argsort(-work.run["next_logits"].array)[:200].tolist()
    assert set(ids) == {*best, *work.run.ids.tolist()}
    table = next(one for one in page_of["tables"] if one["name"] == "logits")
    assert (table["cut"], table["whole"]) == (True, [9, 4096])
    np.testing.assert_array_equal(decoded(table), work.run["logits"].array[:, ids])
