"""Tasks on models: one on an upload at a time, one download, and nothing left behind."""

import asyncio

import pytest

from cutaway.errors import CutawayError, ModelError
from cutaway.weights import Store
from tests.studio.dropping import HPARAMS, PlayedBook, local_hub, run, wait_until, write_csvs
from tests.weights import peers


@pytest.fixture(scope="module")
def numbers():
    return peers.digits()


@pytest.fixture
def book(tmp_path):
    return PlayedBook(tmp_path / "models")


@pytest.fixture
def csvs(tmp_path, numbers):
    return write_csvs(tmp_path / "csvs", numbers)


@pytest.fixture
def hub(tmp_path, monkeypatch):
    with local_hub(tmp_path / "hub", monkeypatch) as hub:
        yield hub


def test_files_that_are_being_read_are_not_read_twice_at_once(book, csvs):
    async def twice():
        found = await book.drop(*csvs.values(), HPARAMS)
        asked = [book.ask("upload_check", upload=found["upload"]) for _ in "ab"]
        return await asyncio.gather(*asked, return_exceptions=True)

    first, second = run(twice())
    assert first["ready"]
    assert str(second) == "These files are being read. Wait until that is done."


def test_letting_go_stops_whoever_reads(book, csvs):
    async def let_go():
        found = await book.drop(*csvs.values(), HPARAMS)
        reading = asyncio.create_task(book.ask("upload_check", upload=found["upload"]))
        await asyncio.sleep(0)  # the reading begins
        await book.ask("upload_drop", upload=found["upload"])
        return await asyncio.gather(reading, return_exceptions=True)

    [ended] = run(let_go())
    assert isinstance(ended, CutawayError)
    assert list((book.models.store_folder / ".uploads").glob("*/*/files")) == []


def fetched(book, name, then=None):
    """The last that was pushed of a download."""
    async def fetch():
        answer = await book.ask("model_fetch", name=name)
        assert answer["fetch"]["state"] == "running"
        if then:
            await then()
        await book.models._fetch_task

    run(fetch())
    return [message for message in book.pushed if message["push"] == "fetch"][-1]


def test_a_model_is_fetched_with_progress(book, hub, numbers):
    end = fetched(book, "gpt2")
    assert (end["state"], end["message"]) == ("done", "gpt2 is in the store.")
    size = (hub.folder / "model.safetensors").stat().st_size
    doing = [(one["what"], one["done"], one["of"]) for one in book.pushed if one["push"] == "fetch"]
    assert ("downloading model.safetensors", size, size) in doing
    assert book.pushed[-1] == {"push": "models"}
    peers.assert_same(Store(book.models.store_folder).open("gpt2").weights, numbers)


def test_a_download_that_broke_off_says_so_and_goes_on_when_asked_again(book, hub):
    hub.break_after, hub.then_status = 5_000, 503
    end = fetched(book, "gpt2")
    assert end["state"] == "failed"
    assert "What has come is kept: fetch again" in end["message"]
    hub.then_status = None
    assert fetched(book, "gpt2")["state"] == "done"


def test_a_download_that_is_stopped_says_how_it_goes_on(book, hub):
    async def stop():
        await book.ask("model_fetch_stop")

    end = fetched(book, "gpt2", then=stop)
    assert (end["state"], end["message"]) == (
        "stopped", "Stopped. What has come is kept: fetch it again, and it goes on from there.")
    assert Store(book.models.store_folder).names() == []


def test_one_model_is_fetched_at_a_time(book, hub):
    async def another():
        with pytest.raises(ModelError, match="gpt2 is being fetched"):
            await book.ask("model_fetch", name="gpt2-medium")

    assert fetched(book, "gpt2", then=another)["state"] == "done"


def test_without_a_network_the_reason_is_clear(book, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    end = fetched(book, "gpt2")
    assert end["state"] == "failed"
    assert end["message"].startswith(
        "openai-community/gpt2 was not downloaded: HF_HUB_OFFLINE is set")
    assert run(book.ask("models"))["fetch"]["state"] == "failed"


def test_closing_the_desk_leaves_nothing_of_the_uploads(book, csvs):
    async def drop_and_close():
        await book.drop(*csvs.values())
        await book.models.close()

    run(drop_and_close())
    wait_until(lambda: not (book.models.store_folder / ".uploads").exists())
