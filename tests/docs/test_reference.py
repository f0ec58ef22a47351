"""The Python reference: every public name is documented, and appears."""

import html
import importlib
import inspect
import re

import pytest
from docs.make_reference import public_modules, write_reference
from pdoc.doc import Class, Module

MODULES = public_modules()
CONSTANT = (str, int, dict, tuple, frozenset, re.Pattern)


def public_names(module) -> list[str]:
    stated = getattr(module, "__all__", None)
    return stated or [name for name, value in vars(module).items()
                      if not name.startswith("_")
                      and getattr(value, "__module__", "") == module.__name__]


def undocumented(name: str, value) -> list[str]:
    """The public names without a docstring: this one, and what a class defines itself."""
    if isinstance(value, CONSTANT) or not (inspect.isclass(value) or callable(value)):
        return []
    found = [] if inspect.getdoc(value) else [name]
    if inspect.isclass(value):
        fields = getattr(value, "__dataclass_fields__", {})
        found += [f"{name}.{member}" for member, one in vars(value).items()
                  if not member.startswith("_") and member not in fields and (inspect.isroutine(one)
                                                     or isinstance(one, property))
                  and not inspect.getdoc(getattr(value, member))]
    return found


def test_the_public_packages_are_in_it():
    assert {"cutaway", "cutaway.workbook", "cutaway.weights", "cutaway.tokenizer",
            "cutaway.generate", "cutaway.scratch", "cutaway.widgets"} <= set(MODULES)
    assert not [name for name in MODULES if name.startswith(("cutaway.cli", "cutaway.studio"))]


@pytest.mark.parametrize("name", MODULES)
def test_every_public_name_has_a_docstring_and_appears(name):
    module = importlib.import_module(name)
    names = public_names(module)
    assert module.__doc__ and names
    assert not [one for public in names for one in undocumented(public, getattr(module, public))]
    documented = Module(module)
    assert set(names) <= documented.members.keys()
    assert all(not isinstance(one, Class) or one.docstring
               for one in documented.members.values() if one.name in names)


def test_the_pages_show_docstrings_as_they_are_written(tmp_path):
    write_reference(tmp_path, ["cutaway.look"])
    page = (tmp_path / "cutaway" / "look.html").read_text(encoding="utf-8")
    shown = [html.unescape(re.sub(r"<[^>]+>", "", one))
             for one in re.findall(r'<pre class="docstring">(.*?)</pre>', page, re.DOTALL)]
    look = importlib.import_module("cutaway.look")
    for name in look.__all__:
        assert f'id="{name}"' in page
        value = getattr(look, name)
        assert isinstance(value, CONSTANT) or inspect.getdoc(value) in shown
    assert (tmp_path / "index.html").is_file()
