"""How a process ended, in words."""

import pytest

from cutaway.studio.process.child import how_it_ended


@pytest.mark.parametrize(("status", "words"), [
    (0, "ended with exit status 0"), (3, "ended with exit status 3"),
    (77, "used more memory than it may, and ended"),
    (70, "ended, because the code that it ran had broken what it stands on"),
    (-9, "ended by signal 9 (SIGKILL): something killed it, perhaps because the machine's memory "
         "was full"),
    (-15, "ended by signal 15 (SIGTERM)"), (-99, "ended by signal 99")])
def test_each_end_has_its_words(status, words):
    assert how_it_ended(status) == words
