"""A model by name: bundled, in the store, or at a path."""

import shutil

import pytest

from cutaway.errors import UnknownModel
from cutaway.weights import Store, bundled_names, find_model
from cutaway.weights import bundled as bundled_module
from cutaway.weights import find as find_module
from tests.weights.peers import OPENAI, assert_same


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


@pytest.fixture
def bundle(tmp_path, model_folder, monkeypatch):
    """A bundled model called storybook, in the place of the real ones."""
    folder = tmp_path / "bundled"
    shutil.copytree(model_folder, folder / "storybook")
    for module in (bundled_module, find_module):
        monkeypatch.setattr(module, "BUNDLED", folder)
    return folder


def test_the_bundled_model_is_found_by_name(bundle, store, numbers):
    assert bundled_names() == ["storybook"]
    model = find_model("storybook", store)
    assert model.folder == bundle / "storybook"
    assert_same(model.weights, numbers)


def test_a_model_of_the_store_is_found_by_name(bundle, store):
    store.add(OPENAI, "mine")
    assert find_model("mine", store).folder == store.folder / "mine"


def test_without_a_store_this_computers_is_searched(bundle, tmp_path, monkeypatch):
    monkeypatch.setenv("CUTAWAY_HOME", str(tmp_path / "home"))
    Store().add(OPENAI, "mine")
    assert find_model("mine").folder == tmp_path / "home" / "models" / "mine"


def test_a_path_is_found(bundle, store, model_folder, monkeypatch):
    assert find_model(str(model_folder), store).folder == model_folder
    monkeypatch.chdir(model_folder.parent)
    assert find_model("tiny", store).name == "tiny"


def test_a_published_model_that_is_not_here_says_how_to_get_it(bundle, store):
    with pytest.raises(UnknownModel) as caught:
        find_model("gpt2-medium", store)
    assert str(caught.value) == (
        "'gpt2-medium' is not on this computer yet. `cutaway fetch gpt2-medium` downloads it; "
        "`cutaway add PATH` takes files that you have.")


def test_an_unknown_name_says_what_was_meant_what_is_here_and_how_to_get_more(bundle, store):
    store.add(OPENAI, "mine")
    with pytest.raises(UnknownModel) as caught:
        find_model("storybok", store)
    assert str(caught.value) == (
        "There is no model and no file 'storybok'. Did you mean 'storybook'? Here are: storybook, "
        "mine. `cutaway fetch` downloads one of gpt2, gpt2-medium, gpt2-large, gpt2-xl, and "
        "`cutaway add PATH` takes a file.")


def test_an_empty_name_is_unknown(bundle, store):
    with pytest.raises(UnknownModel, match="There is no model and no file ''"):
        find_model("", store)
