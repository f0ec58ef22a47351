"""What the tests of the scratch sheet share: the bundled model on a prompt, and a sheet on it."""

import pytest

import cutaway
from cutaway.scratch import Scratch

PROMPT = "Once upon a time the king was sad. The queen was sad."


@pytest.fixture(scope="session")
def model():
    """The bundled model."""
    return cutaway.open_model()


@pytest.fixture(scope="session")
def run(model):
    """The model on a prompt in which some words come twice."""
    return model.run(PROMPT)


@pytest.fixture
def scratch(run, model):
    """A scratch sheet without a cell."""
    return Scratch(run, model)
