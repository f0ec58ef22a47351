"""Two tabs on one book, and a server that goes away and comes back."""

import pytest
from playwright.sync_api import expect

from tests.studio.pages.visitor import Visitor
from tests.studio.running import RunningStudio

PLACE = "[cutaway.book.value.book, cutaway.here()]"


@pytest.fixture(autouse=True)
def a_server_may_end(faults):
    """A page whose server has gone looks for it, and Chromium notes each try."""
    faults.expect("ERR_CONNECTION")  # refused, or reset while it ends


@pytest.fixture
def context(new_page):
    """One browser with its own storage, which all tabs of a test share."""
    return new_page().context


def tab(context, address: str) -> Visitor:
    visitor = Visitor(context.new_page())
    visitor.arrive(address)
    return visitor


def test_what_one_tab_changes_the_other_shows(tmp_path, context):
    with RunningStudio(tmp_path / "home") as studio:
        first, second = tab(context, studio.address), tab(context, studio.address)
        first.type_over(7, 2, "1")
        first.has_changes(1)
        second.has_changes(1)
        assert second.number(7, 2) == 1 and second.predicted() == first.predicted()
        expect(second.page.get_by_role("tab", name="Changes (1)")).to_be_visible()
        second.page.get_by_role("button", name="Undo").click()
        first.has_changes(0)
        assert first.predicted() == second.predicted()


def test_a_server_that_was_killed_loses_no_edit_and_the_tab_goes_on_by_itself(
        tmp_path, context, faults):
    for words in ("WebSocket connection", "403", "401"):  # the key is of the server that is gone
        faults.expect(words)
    with RunningStudio(tmp_path / "home") as studio:
        old = tab(context, studio.address)
        old.type_over(7, 2, "1")
        old.has_changes(1)
        before, place = old.predicted(), old.page.evaluate(PLACE)
        assert place[1]["cell"] == {"row": 7, "column": 2, "row_end": 7, "column_end": 2}
        old.page.wait_for_timeout(1000)  # it is on the disk within a second: that is the promise
        studio.kill()
        expect(old.mistake.filter(has_text="Cutaway has stopped")).to_be_visible()
        with RunningStudio(tmp_path / "home", port=studio.port) as again:
            assert again.port == studio.port
            new = tab(context, again.address)
            new.has_changes(1)
            assert new.predicted() == before
            expect(old.mistake.filter(has_text="Cutaway has stopped")).to_have_count(0)
            old.settled()
            expect(old.cell(7, 2)).to_have_attribute("aria-selected", "true")
            assert old.page.evaluate(PLACE) == place
            old.page.get_by_role("button", name="Undo").click()
            new.has_changes(0)


def test_a_page_without_the_key_says_what_to_do(tmp_path, new_page):
    with RunningStudio(tmp_path / "home") as studio:
        page = new_page()
        page.goto(studio.address)
        page.get_by_role("region", name="The whole machine").wait_for()
        page.evaluate("localStorage.clear()")
        page.reload()
        expect(page.get_by_role("heading", name="This page has no key")).to_be_visible()
        expect(page.get_by_text("cutaway open")).to_be_visible()
        page.goto(studio.address)
        page.get_by_role("region", name="The whole machine").wait_for()


def test_the_key_is_not_in_the_address_once_the_page_is_there(tmp_path, new_page):
    with RunningStudio(tmp_path / "home") as studio:
        page = new_page()
        page.goto(studio.address)
        page.get_by_role("region", name="The whole machine").wait_for()
        assert page.url == f"http://127.0.0.1:{studio.port}/"
