"""Write the Python reference from the docstrings: `make docs`.

    python docs/make_reference.py            # into docs/reference, which git ignores
    python docs/make_reference.py FOLDER

Every module that states its public names in `__all__` is in it, and those of MORE. The command line
and the studio are no library, and are left out.
"""

import ast
import sys
from collections.abc import Sequence
from pathlib import Path

import cutaway

HERE = Path(__file__).parent
SOURCE = Path(cutaway.__file__).parent
NO_LIBRARY = ("cli", "studio")
MORE = ("cutaway.engines.numpy", "cutaway.engines.torch", "cutaway.errors",
        "cutaway.models.architecture", "cutaway.models.gpt2", "cutaway.workbook.operations")


def public_modules() -> list[str]:
    """The modules of the reference, by full name. None is imported for it."""
    stated = [_name(file) for file in SOURCE.rglob("*.py")
              if file.relative_to(SOURCE).parts[0] not in NO_LIBRARY and _states_names(file)]
    return sorted({*stated, *MORE})


def write_reference(folder: Path, modules: Sequence[str]) -> None:
    """Write an HTML page for each module, and an index, into a folder."""
    import pdoc

    pdoc.render.configure(template_directory=HERE / "reference_pages", show_source=False)
    pdoc.pdoc(*modules, output_directory=folder)


def _name(file: Path) -> str:
    parts = file.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _states_names(file: Path) -> bool:
    return any(isinstance(one, ast.Assign) and any(
        isinstance(target, ast.Name) and target.id == "__all__" for target in one.targets)
        for one in ast.parse(file.read_text(encoding="utf-8")).body)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "reference"
    write_reference(target, public_modules())
    print(f"The reference is in {target / 'index.html'}.")
