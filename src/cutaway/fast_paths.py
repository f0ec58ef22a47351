"""The switch for every faster path that stands beside a plain one."""

import os


def fast_paths() -> bool:
    """Whether faster paths may be taken; not where the environment says CUTAWAY_ENGINE=numpy.

    The results are the same with and without them. It is read whenever a path is chosen.
    """
    return os.environ.get("CUTAWAY_ENGINE") != "numpy"
