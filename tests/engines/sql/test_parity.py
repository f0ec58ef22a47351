"""Every step's table in both databases against the NumPy engine, and the text that follows."""

import numpy as np
import pytest

from cutaway import NumpyEngine, open_model
from cutaway.generate import generate_text
from tests.engines.sql.conftest import SHAPES, random_model
from tests.profiles import many

PROMPT = "Mike is quick. He moves"
LIMIT = 1e-5  # of the table's largest number: both databases keep float32


def distance(ours: np.ndarray, truth: np.ndarray) -> float:
    """The largest difference as a share of the table's largest number."""
    return float(np.abs(ours - truth).max() / np.abs(truth).max())


def worst_step(calculated, truth) -> tuple[float, str]:
    assert {name: calculated.array(name).shape for name in calculated.steps} == {
        name: truth[name].shape for name in truth.book.nodes}
    return max((distance(calculated.array(name), truth[name].array), name)
               for name in calculated.steps)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_step_of_a_random_shape_agrees_with_numpy(shape, calculated, tmp_path, capsys):
    model = random_model(tmp_path / "model", SHAPES[shape])
    run = calculated(model)
    run.predict("He moves"[:model.config.n_positions])
    found, step = worst_step(run, model.run(run.ids, engine=NumpyEngine(np.float64)))
    with capsys.disabled():
        print(f"\nworst step: {step} {found:.1e} ({run.database.dialect.name}, {shape})", end="")
    assert found <= LIMIT


def test_every_step_of_the_storybook_agrees_with_numpy(calculated, capsys):
    model = open_model()
    run = calculated(model)
    run.predict(PROMPT)
    found, step = worst_step(run, model.run(PROMPT, engine=NumpyEngine(np.float64)))
    with capsys.disabled():
        print(f"\nworst step: {step} {found:.1e} ({run.database.dialect.name}, storybook)", end="")
    assert found <= LIMIT


@pytest.mark.long
def test_the_tokens_that_follow_are_those_of_the_numpy_engine(calculated):
    model, tokens = open_model(), many(5, 20)
    run = calculated(model)
    run.predict(PROMPT)
    count = len(run.ids)
    for _ in range(tokens):
        run.choose()
        run.append()
    text = model.tokenizer.decode(run.ids[count:])
    assert text == generate_text(model, PROMPT, max_tokens=tokens)


def test_an_appended_tokens_tables_are_the_row_that_a_whole_run_gives_it(calculated, tmp_path):
    model = random_model(tmp_path / "model", SHAPES["odd heads"])
    run = calculated(model)
    run.predict("He moves")
    run.choose()
    run.append()
    whole = model.run(run.ids, engine=NumpyEngine(np.float64))
    assert distance(run.array("h2.keys"), whole["h2.keys"].array) <= LIMIT
    assert distance(run.array("h2.mixed"), whole["h2.mixed"].array[:, -1:]) <= LIMIT
    assert distance(run.array("next_logits"), whole["next_logits"].array) <= LIMIT


def test_a_full_context_begins_anew_with_its_newest_half(calculated, tmp_path):
    model = random_model(tmp_path / "model", SHAPES["one head"])
    run = calculated(model)
    run.predict("Mike i")
    chosen = run.choose()
    run.append()
    assert run.ids == [*model.tokenizer.encode(" i"), chosen]
    whole = model.run(run.ids, engine=NumpyEngine(np.float64))
    assert distance(run.array("next_logits"), whole["next_logits"].array) <= LIMIT


def test_the_guess_after_a_block_is_that_of_an_edit(calculated):
    model = open_model()
    run = calculated(model)
    run.predict(PROMPT)
    truth = model.run(PROMPT)
    last = f"h{model.config.n_layer - 1}.residual_after_mlp"
    edited = truth.edit(last, truth["h2.residual_after_mlp"].array)["next_probabilities"].array
    id, share = run.guess_after("h2.residual_after_mlp")
    assert id == edited.argmax() and share == pytest.approx(edited.max(), rel=1e-5)
