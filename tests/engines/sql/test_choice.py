"""The choice of a token in SQL against generate/distribution.py, whose truth is Hugging Face's."""

import numpy as np
import pytest

from cutaway import open_model
from cutaway.generate import GREEDY, Sampling, distribution, generate
from tests.profiles import many

SETTINGS = [GREEDY, Sampling(0.7), Sampling(1.3, top_k=5), Sampling(1.0, top_p=0.6),
            Sampling(0.9, top_k=40, top_p=0.9), Sampling(2.0, top_k=1), Sampling(1.0, top_p=1e-9)]


@pytest.mark.parametrize("sampling", SETTINGS, ids=str)
def test_every_stage_and_the_token_are_those_of_the_library(predicted, sampling):
    run = predicted
    logits = run.array("next_logits")
    for draw in (0.0, 0.31, 0.8, 0.999999):
        token = run.choose(sampling, draw)
        truth = distribution(logits, sampling, draw)
        assert token == truth.token
    rows = run.database.rows("SELECT scaled, after_top_k, after_top_p, probability FROM choice "
                             "ORDER BY vocabulary")
    scaled, after_top_k, after_top_p, probability = map(np.array, zip(*rows, strict=True))
    assert np.allclose(scaled, truth.scaled, rtol=1e-12)
    assert (np.isinf(after_top_k) == np.isinf(truth.after_top_k)).all()
    assert (np.isinf(after_top_p) == np.isinf(truth.after_top_p)).all()
    assert np.allclose(probability, truth.probabilities, rtol=1e-9, atol=1e-15)


@pytest.mark.long
def test_a_text_by_chance_is_that_of_the_library_with_the_same_draws(calculated):
    model, sampling = open_model(), Sampling(0.9, top_k=40, top_p=0.95)
    run = calculated(model)
    run.predict("Once upon a time")
    count = len(run.ids)
    draws = np.random.default_rng(7)
    tokens = many(4, 12)
    for _ in range(tokens):
        run.choose(sampling, draws.random())
        run.append()
    library = generate(model.run("Once upon a time"), sampling, max_tokens=tokens, seed=7)
    assert run.ids[count:] == [token.id for token in library]
