"""What the tests of the whole page share: one server a process, and the library's own digits."""

import pytest

import cutaway
from tests.studio.pages.visitor import EXAMPLE, Visitor
from tests.studio.running import RunningStudio


@pytest.fixture(scope="session")
def studio(tmp_path_factory):
    """A studio for all tests of a process; each begins a new book in it."""
    with RunningStudio(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture
def visit(studio, page):
    """The page of a new book on the example, its tables calculated and its grid painted."""
    visitor = Visitor(page)
    visitor.arrive_at_a_new_book(studio.address)
    return visitor


@pytest.fixture(scope="session")
def model():
    """The bundled model, opened by the library in this process."""
    return cutaway.open_model()


@pytest.fixture(scope="session")
def run(model):
    """The example as the library calculates it."""
    return model.run(EXAMPLE)
