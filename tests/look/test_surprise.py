"""Surprise, against transformers' cross-entropy on the same ids."""

import math

import numpy as np
import pytest
import torch

from cutaway import Config, NumpyEngine, gpt2, start_run
from cutaway.errors import BookError, EmptyPrompt
from cutaway.look import Loss, loss, surprises
from cutaway.look.surprise import windows
from tests.oracles import hugging_face_gpt2, our_arrays

CONFIG = Config(vocab_size=11, n_positions=16, n_embd=6, n_layer=3, n_head=2)


@pytest.fixture(scope="module")
def peer():
    return hugging_face_gpt2(CONFIG, scale=0.5)


def found_in(peer, ids, likelier=3):
    book, arrays = gpt2(CONFIG), our_arrays(peer)
    return list(surprises(lambda some: start_run(book, arrays, some,
                                                 engine=NumpyEngine(np.float64)),
                          ids, CONFIG.n_positions, likelier))


def random_ids(n: int) -> list[int]:
    return np.random.default_rng(n).integers(0, 11, n).tolist()


@pytest.mark.parametrize("n", [2, 7, 16])
def test_the_mean_loss_is_transformers_loss_on_the_same_ids(peer, n):
    ids = torch.tensor(random_ids(n))[None]
    theirs = peer(ids, labels=ids).loss.item()
    whole = loss(found_in(peer, random_ids(n)))
    assert whole.n_tokens == n - 1
    assert whole.mean == pytest.approx(theirs, rel=1e-5)  # theirs is float32
    assert whole.perplexity == pytest.approx(math.exp(theirs), rel=1e-5)
    assert whole.bits == pytest.approx((n - 1) * theirs / math.log(2), rel=1e-5)


def test_every_token_has_transformers_probability_rank_and_likelier_ones(peer):
    ids = random_ids(16)
    with torch.no_grad():
        shares = torch.softmax(peer(torch.tensor(ids)[None]).logits[0].double(), -1)
    first, *others = found_in(peer, ids)
    assert (first.nats, first.rank, first.likelier, first.id) == (None, None, (), ids[0])
    for one in others:
        before = shares[one.place - 1]
        assert one.id == ids[one.place]
        assert one.probability == pytest.approx(float(before[one.id]), rel=1e-5)
        assert one.bits == pytest.approx(-math.log2(before[one.id]), rel=1e-5)
        assert one.rank == 1 + int((before > before[one.id]).sum())
        best = torch.topk(before, 3)
        assert [guess.id for guess in one.likelier] == best.indices.tolist()
        assert [guess.probability for guess in one.likelier] == pytest.approx(
            best.values.tolist(), rel=1e-5)


def test_a_long_text_is_that_of_transformers_read_in_the_same_windows(peer):
    ids = random_ids(53)
    found = found_in(peer, ids)
    assert [one.place for one in found] == list(range(53))
    for place in range(17, 53):
        begin = next(begin for begin, first, end in windows(53, 16) if first <= place <= end)
        assert place - begin >= 8  # half of the positions come before each
        with torch.no_grad():
            logits = peer(torch.tensor(ids[begin:place])[None]).logits[0, -1]
        theirs = torch.nn.functional.cross_entropy(logits, torch.tensor(ids[place])).item()
        assert found[place].nats == pytest.approx(theirs, rel=1e-4)


@pytest.mark.parametrize("n_positions", [1, 2, 3, 8, 16])
def test_windows_score_every_token_once_and_fit_the_positions(n_positions):
    for n in range(1, 60):
        scored = []
        for begin, first, end in windows(n, n_positions):
            assert 0 <= begin < first and 0 < end - begin <= n_positions
            scored += range(first, min(end + 1, n))
        assert scored == list(range(1, n))


def test_of_equals_the_lowest_id_is_before_the_others():
    weights = {name: np.zeros([CONFIG.sizes[axis] for axis in axes])
               for name, axes in gpt2(CONFIG).weights.items()}
    book = gpt2(CONFIG)
    one = list(surprises(lambda ids: start_run(book, weights, ids, engine=NumpyEngine()), [3, 4],
                         16, likelier=2))[1]
    assert (one.rank, [guess.id for guess in one.likelier]) == (5, [0, 1])
    assert one.nats == pytest.approx(math.log(11))


def test_no_likelier_ones_are_found_where_none_are_asked_for(peer):
    assert found_in(peer, [1, 2, 3], likelier=0)[2].likelier == ()


def test_a_text_of_one_token_has_no_loss(peer):
    assert loss(found_in(peer, [5])) == Loss(0, 0.0)
    assert Loss(0, 0.0).mean == 0 and Loss(1, 1e4).perplexity == math.inf


def test_a_text_without_a_token_says_so(peer):
    with pytest.raises(EmptyPrompt, match="no token"):
        found_in(peer, [])


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_logits_that_are_no_numbers_are_refused(wrong):
    from cutaway.look.surprise import _surprise

    with pytest.raises(BookError, match="before token 3 are no numbers"):
        _surprise(np.array([0.0, wrong, 1.0]), 3, 1, 2, str)
