"""Which engine calculates when none is named."""

import numpy as np
import pytest

from cutaway import Config, NumpyEngine, gpt2, open_model
from cutaway.engines import choice
from cutaway.engines.compiled import CompiledEngine, compile_all, compiled_before
from cutaway.errors import SettingError

SMALL, LARGE = gpt2(Config(n_layer=1)), gpt2(Config())  # 46 million weights are large as well
TINY = gpt2(Config(vocab_size=11, n_positions=8, n_embd=6, n_layer=1, n_head=2))


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    monkeypatch.delenv("CUTAWAY_ENGINE", raising=False)


def test_the_bundled_model_is_calculated_by_numpy_which_loads_at_once():
    assert type(open_model().engine) is NumpyEngine
    assert open_model().engine.dtype == np.float32


def test_a_large_model_is_calculated_by_native_code_once_that_was_compiled(monkeypatch):
    compile_all()
    assert compiled_before()
    assert isinstance(choice.default_engine(LARGE), CompiledEngine)
    monkeypatch.setattr("cutaway.engines.compiled.compiled_before", lambda: False)
    assert type(choice.default_engine(LARGE)) is NumpyEngine
    assert isinstance(choice.named_engine("auto", LARGE, compile_now=True), CompiledEngine)


def test_30_million_weights_are_large():
    assert choice.is_large(LARGE) and choice.is_large(SMALL) and not choice.is_large(TINY)


@pytest.mark.parametrize(("name", "weights"), [("compiled", "float32"), ("int8", "int8")])
def test_an_engine_can_be_named_for_any_model(name, weights, monkeypatch):
    assert choice.named_engine(name, TINY).weights == weights
    monkeypatch.setenv("CUTAWAY_ENGINE", name)
    assert choice.default_engine(TINY).weights == weights


def test_numpy_named_in_the_environment_holds_for_large_models(monkeypatch):
    monkeypatch.setenv("CUTAWAY_ENGINE", "numpy")
    assert type(choice.default_engine(LARGE)) is NumpyEngine


def test_a_wrong_name_is_told_with_the_right_ones(monkeypatch):
    monkeypatch.setenv("CUTAWAY_ENGINE", "nix")
    with pytest.raises(SettingError, match="no engine 'nix'; auto, numpy, compiled, int8 are"):
        choice.default_engine(TINY)


def test_without_numba_numpy_calculates_and_native_code_is_refused(monkeypatch):
    monkeypatch.setattr(choice, "find_spec", lambda name: None)
    assert type(choice.default_engine(LARGE)) is NumpyEngine
    assert not choice.will_compile("compiled", LARGE)
    with pytest.raises(SettingError, match="pip install numba"):
        choice.named_engine("int8", TINY)


def test_what_has_to_be_compiled_is_said_before_it_is(monkeypatch):
    said = []
    monkeypatch.setattr("cutaway.engines.compiled.compiled_before", lambda: False)
    choice.compile_for("auto", LARGE, said.append)
    choice.compile_for("auto", TINY, said.append)
    choice.compile_for("numpy", LARGE, said.append)
    assert said == ["Compiling the engine for this processor, once; some ten seconds ..."]
