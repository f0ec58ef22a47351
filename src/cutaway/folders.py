"""Where this computer keeps what is Cutaway's: models and documents, and what can be made again."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cutaway.errors import DiskError

if TYPE_CHECKING:
    from platformdirs import PlatformDirs


def data_folder() -> Path:
    """Return the folder of models and documents: `CUTAWAY_HOME`, else the system's for data."""
    if home := os.environ.get("CUTAWAY_HOME"):
        try:
            return Path(home).expanduser()
        except RuntimeError:
            raise DiskError(f"CUTAWAY_HOME is {home!r:.80}, and there is no such user on this "
                            f"machine. Set it to a folder.") from None
    # On a Mac, platformdirs follows XDG_DATA_HOME; what was kept here before it did stays here.
    on_a_mac = Path.home() / "Library" / "Application Support" / "cutaway"
    if sys.platform == "darwin" and on_a_mac.exists():
        return on_a_mac
    return _of_the_system().user_data_path


def cache_folder() -> Path:
    """Return the folder of what can be made again at any time."""
    return _of_the_system().user_cache_path


def state_folder() -> Path:
    """Return the folder of what Cutaway remembers for this user, whatever CUTAWAY_HOME says."""
    return _of_the_system().user_state_path


def _of_the_system() -> "PlatformDirs":
    from platformdirs import PlatformDirs

    return PlatformDirs("cutaway", appauthor=False)
