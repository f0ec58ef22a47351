"""A text written on tensors in one go, against the same text step by step."""

import numpy as np
import pytest
import torch

from cutaway import NumpyEngine, start_run
from cutaway.engines.torch import TorchEngine
from cutaway.generate import GREEDY, generate
from tests.workbook.tiny import BOOK, WEIGHTS, tiny_run

IDS = [3, 1, 4, 1, 5]


@pytest.fixture(autouse=True)
def every_path_open(monkeypatch):
    """Also where the whole suite runs with the fast paths switched off."""
    monkeypatch.delenv("CUTAWAY_ENGINE", raising=False)


def text_run(dtype=torch.float64, **options):
    return start_run(BOOK, WEIGHTS, IDS, engine=TorchEngine(dtype=dtype), keep=(), **options)


def close(run, other, name="next_logits"):
    np.testing.assert_allclose(run[name].array, other[name].array, rtol=1e-9, atol=1e-12,
                               err_msg=name)


def test_a_text_in_one_go_has_the_numbers_of_step_by_step():
    run, other = text_run(), tiny_run(IDS)
    for name in ("next_logits", "logits", "h0.keys", "h1.values", "final"):
        close(run, other, name)
    for token in (2, 7, 9):
        run, other = run.append(token), other.append(token)
        close(run, other)
    close(run, other, "h1.keys")
    assert run.calculations["h0.scores"] == 0  # attention is one call, and writes no scores down


def test_rows_that_were_never_read_are_calculated_with_the_next_one():
    run = text_run().append(2).append(7)
    close(run, tiny_run([*IDS, 2, 7]))


def test_two_texts_that_go_on_from_the_same_run_do_not_disturb_each_other():
    start = text_run()
    _ = start["next_logits"]
    one, other = start.append(2), start.append(7)
    close(one, tiny_run([*IDS, 2]))
    close(other, tiny_run([*IDS, 7]))
    close(one.append(1), tiny_run([*IDS, 2, 1]))
    close(start, tiny_run(IDS))


def test_the_written_text_is_the_numpy_engines():
    def written(run):
        return [token.id for token in generate(run, GREEDY, max_tokens=40)]

    plain = start_run(BOOK, WEIGHTS, IDS, engine=NumpyEngine(np.float64))
    assert written(text_run()) == written(plain)


def test_weights_that_learn_keep_their_gradients():
    weights = {name: torch.tensor(array, requires_grad=True) for name, array in WEIGHTS.items()}
    book = BOOK
    logits = book.calculate("logits", {**weights, "ids": torch.tensor(IDS),
                                       "positions": torch.arange(len(IDS))})
    logits.sum().backward()
    assert weights["wte"].grad is not None


def test_without_fast_paths_every_step_is_calculated_by_itself(monkeypatch):
    monkeypatch.setenv("CUTAWAY_ENGINE", "numpy")
    run = text_run()
    _ = run["next_logits"]
    assert run.calculations["h0.scores"] == 1


@pytest.mark.gpu
def test_a_recorded_token_on_a_gpu_has_the_numbers_of_step_by_step():
    run = start_run(BOOK, WEIGHTS, IDS, engine=TorchEngine("cuda"), keep=())
    for token in (2, 7, 9):
        _ = run["next_logits"]
        run = run.append(token)
    np.testing.assert_allclose(run["next_logits"].array,
                               tiny_run([*IDS, 2, 7, 9])["next_logits"].array, rtol=1e-4, atol=1e-4)
