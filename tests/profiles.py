"""How much is drawn, and which tests draw more in `make test-long`.

    settings(max_examples=many(60, 600))       # in place of the profile's own number
    @pytest.mark.long                          # what asks `many` without hypothesis
    def test_...(): for text in fuzzed_strings(many(4_000, 100_000)): ...

Two profiles of hypothesis: "short" is what `make test` runs, "long" what `make test-long` does.
Every hypothesis test has the marker `long` by itself; `make test-long` runs these tests alone.
"""

import os

from hypothesis import settings

SHORT, LONG = "short", "long"
EXAMPLES = {SHORT: 30, LONG: 500}
SEARCH = "CUTAWAY_SEARCH"  # set it, and every run draws examples of its own


def register() -> None:
    """Make both profiles known, and take the short one until the command line names another."""
    for name, examples in EXAMPLES.items():
        # A slow machine is no mistake, and nothing is to be written beside the tests. The same
        # examples every time: what a change breaks is found, not what chance brings. SEARCH draws
        # others.
        settings.register_profile(name, deadline=None, database=None, max_examples=examples,
                                  derandomize=not os.environ.get(SEARCH))
    settings.load_profile(SHORT)


def many(short: int, long: int) -> int:
    """How many of something to try: so many in `make test`, and so many in `make test-long`."""
    return long if settings.get_current_profile_name() == LONG else short
