"""docs/platforms.md: the versions that it names are those that the package asks for."""

import re
import tomllib

from tests.docs.pages import DOCS, ROOT

PAGE = (DOCS / "platforms.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def first_without(package: str) -> str:
    """The first version of Python for which a package is left out."""
    listed = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
    entry = next(one for one in listed if one.startswith(package))
    found = re.search(r"python_version < '([\d.]+)'", entry)
    assert found, entry
    return found[1]


def test_the_oldest_python_is_the_one_that_is_tested():
    oldest = PROJECT["requires-python"].removeprefix(">=")
    assert f"The package asks for Python {oldest} or newer" in PAGE
    assert f"| Python | CPython {oldest} |" in PAGE


def test_the_versions_without_a_package_are_named():
    assert f"left out from {first_without('numba')} on" in PAGE
    major, minor = first_without("pgserver").split(".")
    assert f"`pgserver`, which there is up to {major}.{int(minor) - 1}" in PAGE
