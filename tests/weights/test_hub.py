"""Downloads through huggingface_hub itself, from a hub on this computer: see hub_server.py."""

import json
import os
import subprocess
import sys

import pytest

from cutaway.errors import DiskError, DownloadFailed, ModelError, UnknownModel
from cutaway.weights import Store, fetch
from cutaway.weights.hub import _hub_errors
from tests.weights.hub_server import REVISION, Hub, running
from tests.weights.peers import assert_same

FETCH = """
import json, sys
from pathlib import Path
from cutaway.errors import CutawayError
from cutaway.weights import Store, fetch
import huggingface_hub.constants
huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE = 1000  # of 10 MB, which it keeps or loses whole
reports = []
try:
    fetch(sys.argv[1], Store(Path(sys.argv[2])), reports.append)
    error = None
except CutawayError as caught:
    error = [type(caught).__name__, str(caught)]
print(json.dumps({"error": error, "reports": [[r.doing, r.done, r.total] for r in reports]}))
"""


def fetch_from(address: str, name: str, store: Store, **environment: str) -> dict:
    """What `fetch` did in a process of its own: huggingface_hub reads HF_ENDPOINT when imported."""
    own = {name: value for name, value in os.environ.items()
           if not name.upper().startswith(("HF_", "TRANSFORMERS_")) and "proxy" not in name.lower()}
    run = subprocess.run(
        [sys.executable, "-c", FETCH, name, str(store.folder)], capture_output=True, text=True,
        check=True, env={**own, "HF_ENDPOINT": address, "HF_HUB_DISABLE_TELEMETRY": "1",
                         "HF_HOME": str(store.folder.parent / "hf"), **environment})
    return json.loads(run.stdout.splitlines()[-1])


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


@pytest.fixture
def repository(model_folder):
    """The files of a hub repository, among them some that are not needed."""
    (model_folder / "vocab.json").write_text("{}")
    (model_folder / "merges.txt").write_text("#version: 0.2\n")
    (model_folder / "README.md").write_text("# tiny")
    (model_folder / "pytorch_model.bin").write_bytes(b"the same once more")
    (model_folder / "flax_model.msgpack").write_bytes(b"and once more")
    return model_folder


def test_a_published_model_is_downloaded_and_added(store, repository, numbers):
    with running(Hub("openai-community/gpt2", repository)) as hub:
        assert fetch_from(hub.address, "gpt2", store)["error"] is None
    model = store.open("gpt2")
    assert_same(model.weights, numbers)
    assert model.tokenizer_folder is not None and model.card is not None
    asked = {path.rsplit("/", 1)[1] for method, path, _ in hub.requests if method == "GET"}
    assert asked == {"gpt2", "config.json", "README.md", "vocab.json", "merges.txt",
                     "model.safetensors"}
    assert not list((store.folder / ".downloads").iterdir())


def test_a_sharded_model_of_anybody_is_downloaded(store, huggingface_model, tmp_path, numbers):
    huggingface_model.save_pretrained(tmp_path / "files", max_shard_size="3KB")
    with running(Hub("someone/their-model", tmp_path / "files")) as hub:
        assert fetch_from(hub.address, "someone/their-model", store)["error"] is None
    assert_same(store.open("their-model").weights, numbers)


def test_a_download_reports_its_bytes(store, repository):
    size = (repository / "model.safetensors").stat().st_size
    with running(Hub("openai-community/gpt2", repository)) as hub:
        reports = fetch_from(hub.address, "gpt2", store)["reports"]
    assert ["downloading model.safetensors", size, size] in reports


def test_a_connection_that_breaks_once_is_taken_up_again(store, repository, numbers):
    with running(Hub("openai-community/gpt2", repository, break_after=4000)) as hub:
        assert fetch_from(hub.address, "gpt2", store)["error"] is None
    assert hub.ranges()[0] is None and hub.ranges()[1].startswith("bytes=4000-")
    assert_same(store.open("gpt2").weights, numbers)


def test_an_interrupted_download_says_so_and_the_next_goes_on_from_there(
        store, repository, numbers):
    failing = Hub("openai-community/gpt2", repository, break_after=4000, then_status=500)
    with running(failing) as hub:
        outcome = fetch_from(hub.address, "gpt2", store)
        assert outcome["error"] == [
            "DownloadFailed",
            "openai-community/gpt2 was not downloaded: the hub answered with status 500. What has "
            "come is kept: fetch again later and it goes on from there."]
        assert store.models() == []
        hub.then_status = None
        hub.requests.clear()
        assert fetch_from(hub.address, "gpt2", store)["error"] is None
    assert [part.split("-")[0] for part in hub.ranges()] == ["bytes=4000"]
    assert_same(store.open("gpt2").weights, numbers)


def test_a_file_that_arrives_damaged_is_not_kept(store, repository, numbers):
    with running(Hub("openai-community/gpt2", repository, damaged=True)) as hub:
        outcome = fetch_from(hub.address, "gpt2", store)
        assert outcome["error"] == [
            "DownloadFailed",
            "model.safetensors arrived damaged: its checksum is not the hub's. Fetch again."]
        assert store.models() == [] and not list(store.folder.rglob("model.safetensors*"))
        hub.damaged = False
        assert fetch_from(hub.address, "gpt2", store)["error"] is None
    assert_same(store.open("gpt2").weights, numbers)


def test_files_that_came_whole_are_not_downloaded_again(store, repository):
    failing = Hub("openai-community/gpt2", repository, break_after=4000, then_status=500)
    with running(failing) as hub:
        fetch_from(hub.address, "gpt2", store)
        hub.then_status = None
        hub.requests.clear()
        assert fetch_from(hub.address, "gpt2", store)["error"] is None
    asked = [path.rsplit("/", 1)[1] for method, path, _ in hub.requests if method == "GET"]
    assert asked == ["gpt2", "model.safetensors"]


def test_a_part_that_is_too_long_is_not_gone_on_with(store, repository, numbers):
    folder = store.folder / ".downloads" / "openai-community--gpt2" / REVISION
    folder.mkdir(parents=True)
    (folder / "model.safetensors.part").write_bytes(bytes(100_000))
    with running(Hub("openai-community/gpt2", repository)) as hub:
        assert fetch_from(hub.address, "gpt2", store)["error"] is None
    assert_same(store.open("gpt2").weights, numbers)


def test_no_network_says_so(store):
    outcome = fetch_from("http://127.0.0.1:9", "gpt2", store)
    kind, message = outcome["error"]
    assert kind == "DownloadFailed"
    assert message.startswith(
        "openai-community/gpt2 was not downloaded: there is no network, or it broke off (")
    assert message.endswith("What has come is kept: fetch again and it goes on from there.")
    assert not store.folder.exists()


def test_a_repository_that_is_not_there_says_so(store, repository):
    with running(Hub("openai-community/gpt2", repository)) as hub:
        outcome = fetch_from(hub.address, "nobody/nothing", store)
    assert outcome["error"] == [
        "UnknownModel", "The hub has no model 'nobody/nothing' that is open to all. Check the "
        "spelling of OWNER/NAME."]


def test_offline_mode_says_so(store):
    outcome = fetch_from("http://127.0.0.1:9", "gpt2", store, HF_HUB_OFFLINE="1")
    assert outcome["error"] == [
        "DownloadFailed", "openai-community/gpt2 was not downloaded: HF_HUB_OFFLINE is set, which "
        "forbids it. Unset it and fetch again."]


def test_a_repository_without_safetensors_says_so(store, repository):
    (repository / "model.safetensors").unlink()
    with running(Hub("someone/old", repository)) as hub:
        outcome = fetch_from(hub.address, "someone/old", store)
    assert outcome["error"] == [
        "UnknownModel", "someone/old has no model.safetensors. Download its files by hand and give "
        "their folder to `cutaway add`."]


@pytest.mark.parametrize("name", ["gpt3", "a/b/c", "/gpt2", "gpt2/"])
def test_a_name_that_is_no_repository_says_so(store, name):
    with pytest.raises(UnknownModel) as caught:
        fetch(name, store)
    assert str(caught.value) == (
        f"{name!r} is no model of the hub that Cutaway knows. Give one of gpt2, gpt2-medium, "
        "gpt2-large, gpt2-xl, or a repository as OWNER/NAME.")


def test_a_model_that_is_there_already_is_not_downloaded_again(store, model_folder):
    store.add(model_folder, "gpt2")
    with pytest.raises(ModelError, match="There is a model 'gpt2' already"):
        fetch("gpt2", store)


def test_a_full_disk_says_so():
    with pytest.raises(DiskError) as caught, _hub_errors("openai-community/gpt2"):
        raise OSError(28, "No space left on device")
    assert str(caught.value) == (
        "openai-community/gpt2 was not downloaded: No space left on device. Make room and fetch "
        "again: it goes on from where it stopped.")


def test_a_file_that_arrives_incomplete_says_so():
    with (pytest.raises(DownloadFailed, match=r"or it broke off \(size check failed\)\. What has"),
          _hub_errors("openai-community/gpt2")):
        raise OSError("size check failed")
