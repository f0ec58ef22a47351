"""Hostile names and texts stay text, hostile questions are refused by name, a full disk is told."""

import json
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

import cutaway
from cutaway.weights import export_huggingface
from tests.studio.pages.visitor import Visitor
from tests.studio.running import RunningStudio

PAYLOADS = ["<img src=x onerror=attacked()>", "<script>attacked()</script>",
            "'\"><svg onload=attacked()>", "</title><b>bold</b>", "{{7*7}}${7*7}"]
WATCH = "globalThis.attacked = () => { document.title = 'attacked'; };"


@pytest.fixture
def visit(studio, kept_tab):
    visitor = Visitor(kept_tab("watched", WATCH))
    visitor.arrive_at_a_new_book(studio.address)
    return visitor


def unharmed(visit):
    """No element was made of a text, and nothing of it ran."""
    assert visit.page.title() == "Cutaway"
    made = "img, iframe, object, embed, [onerror], [onload], #app script, #app b > b"
    assert visit.page.locator(made).count() == 0


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_prompt_stays_text(visit, payload):
    visit.prompt.fill(payload)
    visit.prompt.press("Enter")
    visit.has_changes(1)
    assert visit.state()["prompt"] == payload
    expect(visit.prompt).to_have_value(payload)
    for tab in ("Changes", "Generate"):
        visit.drawer(tab)
    visit.page.get_by_role("button", name="Arcs", exact=True).click()
    expect(visit.page.locator("svg.arcs")).to_be_visible()
    unharmed(visit)


@pytest.mark.parametrize("payload", PAYLOADS[:3])
def test_a_formula_a_cell_and_an_address_stay_text(visit, payload):
    visit.page.get_by_role("button", name="Edit", exact=True).click()
    visit.page.get_by_role("textbox", name="Formula of h0.attention").fill(payload)
    visit.page.keyboard.press("Enter")
    expect(visit.mistake.filter(has_text="cannot be read")).to_be_visible()
    visit.page.keyboard.press("Escape")
    visit.ask("cell_add", kind="formula", name=payload, source=payload)
    visit.page.get_by_role("button", name="scratch sheet").click()
    expect(visit.page.get_by_text("Run all")).to_be_visible()
    assert "MessageError" in visit.refusal("table_view", table=payload * 100)
    assert "UnknownTable" in visit.refusal("table_view", table=payload)
    unharmed(visit)


def test_a_model_with_a_hostile_name_stays_text(tmp_path, page, faults):
    faults.expect("ERR_CONNECTION_REFUSED")  # the page looks for its server once that has ended
    page.add_init_script(WATCH)
    folder, model = tmp_path / "<img src=x onerror=attacked()>", cutaway.open_model()
    bundled = Path(cutaway.__file__).parent / "bundled" / "storybook"
    export_huggingface(model.config, model.weights, None, folder)
    for name in ("vocab.json", "merges.txt"):
        shutil.copy(bundled / name, folder)
    with RunningStudio(tmp_path / "home", "--model", str(folder)) as studio:
        visit = Visitor(page)
        visit.arrive(studio.address)
        expect(page.get_by_role("banner")).to_contain_text("<img src=x onerror=attacked()>")
        page.get_by_role("button", name="weights and models").click()
        expect(page.get_by_text("Fetch from the Hugging Face hub")).to_be_visible()
        unharmed(visit)


@pytest.mark.parametrize("by", ["arriving anew", "a new fragment"])
def test_a_secret_that_another_site_puts_into_the_address_replaces_nothing(visit, faults, by):
    faults.expect("WebSocket")
    faults.expect("Failed to load resource: the server responded with a status of 40")
    kept = visit.page.evaluate("localStorage.getItem('cutaway-page')")
    address = visit.page.evaluate("location.origin") + f"/#page={'x' * 43}"
    if by == "arriving anew":
        visit.page.goto("about:blank")
    visit.page.goto(address)
    visit.page.wait_for_function("location.hash === ''")
    expect(visit.prompt).to_be_visible()
    assert visit.state()["prompt"]
    assert visit.page.evaluate("localStorage.getItem('cutaway-page')") == kept


@pytest.mark.parametrize("path", [
    "/static/../open_book.py", "/static/%2e%2e/open_book.py", "/static/..%2fopen_book.py",
    "/static//etc/passwd", "/static/....//open_book.py", "/static/%00",
    "/static/..\\open_book.py", "/static/", "/static/panels", "/book.json", "/.git/config"])
def test_path_tricks_find_nothing(visit, faults, path):
    faults.expect("Failed to load resource: the server responded with a status of 40")
    status, text = visit.page.evaluate(
        "(path) => fetch(path).then(async (answer) => [answer.status, await answer.text()])", path)
    assert status in (400, 401, 403, 404, 405), text[:200]
    assert "root:" not in text and "import" not in text


@pytest.mark.parametrize(("verb", "fields", "words"), [
    ("tile", {"table": "wte", "row": -1, "column": 0}, "'row' is -1"),
    ("tile", {"table": "wte", "row": 10**12, "column": 0}, "'row' is 1000000000000"),
    ("tile", {"table": "wte", "row": 0.5, "column": 0}, "'row' is 0.5"),
    ("tile", {"table": "wte", "row": 5000, "column": 0}, "has no tile"),
    ("cell", {"table": "wte", "row": 4096, "column": 0}, "has no cell in row 4096"),
    ("labels", {"table": "wte", "axis": "row", "first": 0, "count": 10**6}, "'count' is 1000000"),
    ("table_view", {"table": "h0.attention", "select": {"head": 99}}, "no head 99"),
    ("change", {"change": {"kind": "numbers", "table": "wte", "cells": {}, "value": "NaN"}},
     "'value' is 'NaN'"),
    ("generate", {"temperature": -1, "count": 1}, "temperature"),
    ("generate", {"temperature": 1, "count": 10**9}, "'count' is 1000000000"),
    ("no such verb", {}, "nothing of that name can be asked"),
    ("open", {"model": "storybook", "prompt": "x"}, "nothing of that name can be asked"),
])
def test_what_cannot_be_is_refused_by_name(visit, verb, fields, words):
    assert words in visit.refusal(verb, **fields)


def test_messages_that_are_no_json_are_refused_and_the_socket_lives_on(visit):
    told = visit.page.evaluate("""async () => {
      const key = localStorage.getItem("cutaway-page");
      const socket = new WebSocket(`ws://${location.host}/socket`, ["cutaway", `cutaway.${key}`]);
      const heard = [];
      await new Promise((open) => { socket.onopen = open; });
      socket.onmessage = ({data}) => heard.push(...JSON.parse(data));
      for (const text of ["{", "[1]", '{"id": 1, "do": "tile", "row": NaN}', '{"id": 2, "do": 3}', "[".repeat(100000)]) socket.send(text);
      socket.send('{"id": 9, "do": "hello"}');
      while (!heard.some((one) => one.re === 9)) await new Promise((turn) => setTimeout(turn, 20));
      socket.close();
      return heard.filter((one) => "error" in one).map((one) => one.error.message);
    }""")
    assert len(told) == 5
    assert any("NaN was found in the message" in words for words in told), json.dumps(told)


def test_a_disk_that_takes_nothing_is_told_and_the_page_loses_nothing(tmp_path, page, faults):
    faults.expect("ERR_CONNECTION_REFUSED")  # the page looks for its server once that has ended
    home = tmp_path / "home"
    home.mkdir()
    (home / "books").write_text("a file where the folder should be")
    with RunningStudio(home) as studio:
        visit = Visitor(page)
        visit.arrive(studio.address)
        visit.type_over(7, 2, "1")
        visit.has_changes(1)
        expect(visit.mistake.filter(has_text="Not saved").first).to_be_visible()
        assert visit.number(7, 2) == 1
        (home / "books").unlink()
        visit.type_over(6, 2, "1")
        visit.has_changes(2)
        visit.page.wait_for_timeout(1000)
    saved = json.loads(next((home / "books").glob("*/book.json")).read_text())
    assert len(saved["changes"]) == 2
