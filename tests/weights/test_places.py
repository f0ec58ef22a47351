"""Models that are not at the top of their folder: checkpoints, and Hugging Face's own cache."""

import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from cutaway.cli import main
from cutaway.errors import UnknownModel
from cutaway.tokenizer import learn_tokenizer
from cutaway.weights import Store, find_model, read_model_files
from tests.weights.peers import assert_same

COMMIT, OLD = "e7da7f221d5bf496a48136c0cd264e630fe9fcc8", "607a30d783dfa663caf39e06633721c8d4cfcd7e"


@pytest.fixture
def trainer_folder(huggingface_model, tmp_path):
    """What Trainer leaves: checkpoints, the newest of them last by number and first by name."""
    folder = tmp_path / "out"
    for step in (500, 1000):
        huggingface_model.save_pretrained(folder / f"checkpoint-{step}")
        (folder / f"checkpoint-{step}" / "optimizer.pt").write_bytes(b"what no one reads")
        (folder / f"checkpoint-{step}" / "training_args.bin").write_bytes(b"nor this")
    (folder / "checkpoint-500" / "model.safetensors").write_bytes(b"old")
    (folder / "runs").mkdir()
    return folder


def test_the_newest_checkpoint_is_taken_by_its_number_and_said(trainer_folder, numbers):
    model = read_model_files(trainer_folder)
    assert_same(model.weights, numbers)
    assert (model.name, model.folder) == ("out", trainer_folder / "checkpoint-1000")
    assert model.notes == ("It is checkpoint-1000, the newest of 2 checkpoints.",)
    shutil.rmtree(trainer_folder / "checkpoint-500")
    assert "the only checkpoint" in read_model_files(trainer_folder).notes[0]


@pytest.mark.parametrize(("old", "newest"), [
    ("step_90", "step_100"), ("epoch-2", "epoch-10"), ("ckpt9", "ckpt10"),
    ("iter-0009", "iter-10")])
def test_checkpoints_of_other_programs_are_found_by_their_numbers(old, newest, trainer_folder):
    (trainer_folder / "checkpoint-500").rename(trainer_folder / old)
    (trainer_folder / "checkpoint-1000").rename(trainer_folder / newest)
    assert f"It is {newest}, the newest of 2" in read_model_files(trainer_folder).notes[0]


def test_a_model_at_the_top_comes_before_its_checkpoints(trainer_folder, model_folder):
    for file in model_folder.iterdir():
        shutil.copy(file, trainer_folder)
    assert read_model_files(trainer_folder).notes == ()


@pytest.mark.parametrize("beside", ["checkpoint-1000", "."])
def test_its_tokenizer_comes_from_the_checkpoint_or_from_the_folder(beside, trainer_folder):
    learn_tokenizer("Mike is quick. " * 3, 260).save(trainer_folder / beside)
    found = read_model_files(trainer_folder)
    assert found.tokenizer_folder == trainer_folder / beside
    store = Store()
    store.add(trainer_folder)
    assert (store.folder / "out" / "vocab.json").is_file()
    assert store.models()[0].notes == "It is checkpoint-1000, the newest of 2 checkpoints."


def test_a_checkpoint_without_a_model_says_what_was_looked_for_there(tmp_path):
    (tmp_path / "checkpoint-3").mkdir()
    with pytest.raises(UnknownModel, match="There is no model in"):
        read_model_files(tmp_path)


# ---- Hugging Face's cache ----------------------------------------------------------------------

@pytest.fixture
def cache(tmp_path, model_folder):
    """As huggingface_hub lays it out: blobs, and snapshots that link to them."""
    return put(Path(os.environ["HF_HUB_CACHE"]), "someone/tiny-gpt2", model_folder)


def put(cache: Path, name: str, files: Path) -> Path:
    folder = cache / f"models--{name.replace('/', '--')}"
    (folder / "blobs").mkdir(parents=True)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text(COMMIT)
    for commit in (COMMIT, OLD):
        (folder / "snapshots" / commit).mkdir(parents=True)
    for number, file in enumerate(sorted(files.iterdir())):
        blob = folder / "blobs" / f"{number:064x}"
        shutil.copy(file, blob)
        os.symlink(f"../../blobs/{blob.name}", folder / "snapshots" / COMMIT / file.name)
    os.utime(folder / "snapshots" / COMMIT, (0, 0))
    return folder


def test_a_model_of_the_cache_opens_by_its_name(cache, numbers):
    for name in ("someone/tiny-gpt2", str(cache)):
        model = find_model(name)
        assert_same(model.weights, numbers)
        assert model.name == "tiny-gpt2"
        assert model.notes == (f"It is the commit {COMMIT} of the Hugging Face cache.",)


def test_without_a_ref_the_newest_snapshot_is_taken(cache, numbers):
    (cache / "refs" / "main").unlink()
    os.utime(cache / "snapshots" / OLD, (-9, -9))
    assert_same(find_model("someone/tiny-gpt2").weights, numbers)


def test_a_ref_that_leads_elsewhere_is_not_followed(cache, numbers, tmp_path):
    (tmp_path / "secret").mkdir()
    (cache / "refs" / "main").write_text("../../../secret")
    os.utime(cache / "snapshots" / OLD, (-9, -9))
    assert_same(find_model("someone/tiny-gpt2").weights, numbers)


def test_a_published_model_opens_by_its_short_name(cache, model_folder, numbers):
    put(cache.parent, "openai-community/gpt2", model_folder)
    assert_same(find_model("gpt2").weights, numbers)


def test_the_store_takes_a_model_of_the_cache(cache):
    assert Store().add("someone/tiny-gpt2").name == "tiny-gpt2"


def test_models_lists_the_cache_and_names_what_cannot_be_opened(cache, model_folder, tmp_path):
    (model_folder / "config.json").write_text('{"model_type": "bert"}')
    put(cache.parent, "bert-base-uncased", model_folder)
    (cache.parent / "models--broken").mkdir()
    run = CliRunner().invoke(main, ["models", "--json"])
    listed = {one["name"]: one for one in json.loads(run.output)["models"]}
    assert set(listed) == {"storybook", "someone/tiny-gpt2"}
    tiny = listed["someone/tiny-gpt2"]
    assert (tiny["kept"], tiny["n_layer"], tiny["n_head"]) == ("hub", 2, 2)
    assert tiny["parameters"] == read_model_files(cache).weights.count
    assert len(tiny["sha256"]) == 64
    said = " ".join(CliRunner().invoke(main, ["models"]).output.split())
    assert "In the Hugging Face cache, but no model that can be opened: bert-base-uncased." in said


def test_models_lists_the_size_of_all_shards(model_folder):
    whole = model_folder / "model.safetensors"
    parts = whole.read_bytes(), b"rest"
    whole.unlink()
    names = [f"model-0000{number}-of-00002.safetensors" for number in (1, 2)]
    for name, content in zip(names, parts, strict=True):
        (model_folder / name).write_bytes(content)
    (model_folder / "model.safetensors.index.json").write_text(
        json.dumps({"weight_map": {"a": names[0], "b": names[1], "c": names[1]}}))
    put(Path(os.environ["HF_HUB_CACHE"]), "someone/sharded", model_folder)
    put(Path(os.environ["HF_HUB_CACHE"]), "someone/odd", model_folder)
    odd = [*Path(os.environ["HF_HUB_CACHE"]).glob("*odd/snapshots/*/*.index.json")]
    odd[0].unlink()
    odd[0].write_text("[" * 100_000)
    listed = json.loads(CliRunner().invoke(main, ["models", "--json"]).output)["models"]
    sizes = {one["name"]: one["size_bytes"] for one in listed}
    assert sizes["someone/sharded"] == sum(map(len, parts)) and "someone/odd" not in sizes
