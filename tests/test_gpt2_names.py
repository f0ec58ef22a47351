"""GPT-2's names for tables and weights are GPT-2's alone: everybody else asks a book for a role.

The names are derived from the definition and its record. Left out are words that are not GPT-2's:

    axes and roles   what every model's tables and their rows are called (`cutaway.axes`,
                     `workbook/roles.py`): "next_logits" is a role
    TERMS            words of the field or of English that GPT-2's tables are called after. In prose
                     they are right; code that looks a table up by one of them is found as well
"""

import ast
import re
from pathlib import Path

import pytest

import cutaway
from cutaway.axes import AXES
from cutaway.models import GPT2
from cutaway.models.architecture import BLOCK
from cutaway.workbook.roles import BLOCK_ROLES, ROLES

SOURCE = Path(cutaway.__file__).parent
TERMS = {"residual", "final", "model", "transformer", "weight", "bias", "attn", "mlp"}

ALLOWED = {
    "cli/show.py": "examples in its help, of the bundled model",
    "cli/steps.py": "an example in its help, of the bundled model",
    "train/activation.py": "a replacement for two steps of GPT-2's, stated by their names",
    "train/products.py": "replacements for GPT-2's products, stated by their names",
    "train/module.py": "an example of a parameter's name",
    "weights/layouts.py": "the names in the files of other programs, as data",
    "weights/state_dict.py": "those files, which turn four of GPT-2's weights",
    "weights/llmc.py": "the order of the tables in llm.c's files",
}
MOST_ALLOWED = 10


def gpt2s_words() -> set[str]:
    """Every name of a table, of a weight, and of a part of what files call a weight."""
    book = GPT2.book(GPT2.config_class(n_layer=1))
    words = {name.rpartition(".")[2] for name in (*book.nodes, *book.weights)}
    for parameter in GPT2.parameters:
        for spelled in (parameter.openai, parameter.hugging_face):
            words |= set(re.split(r"[/.]", spelled.replace(BLOCK, "")))
    return {word for word in words if len(word) > 1}


def gpt2s_own_words() -> set[str]:
    """Those that are nobody else's."""
    return gpt2s_words() - set(AXES) - ROLES.keys() - BLOCK_ROLES.keys() - TERMS


OWN = re.compile(rf"(?<![\w])(?:{'|'.join(sorted(gpt2s_own_words()))})(?!\w)")
# A table looked up by a name: openTable("h0.attention"), tables.get("logits").
LOOKED_UP = re.compile(rf"""(?:openTable|tables\.get|tables\.has)\(\s*["'`](?:h\d+\.)?"""
                       rf"""(?:{'|'.join(sorted(gpt2s_words()))})["'`]""")


def files() -> list[Path]:
    """The source files, Python and JavaScript, outside models/; none of a third party's."""
    return [file for file in sorted(SOURCE.rglob("*")) if file.suffix in (".py", ".js", ".ts")
            and "vendor" not in file.parts and not file.is_relative_to(SOURCE / "models")]


def found_in(name: str, text: str) -> list[int]:
    """The lines of a file that name a table or a weight of GPT-2's."""
    lines = {number for number, line in enumerate(text.splitlines(), 1)
             if OWN.search(line) or LOOKED_UP.search(line)}
    if name.endswith(".py"):
        lines |= {node.lineno for node in ast.walk(ast.parse(text)) if _looks_up(node)}
    return sorted(lines)


def _looks_up(node: ast.AST) -> bool:
    """Whether code asks something for a table by its name: run["h3.attention"]."""
    if isinstance(node, ast.Subscript) and _is_of(node.value):
        return _is_name(node.slice)
    return (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("array", "table", "edit", "rewrite") and bool(node.args)
            and _is_name(node.args[0]))


def _is_of(node: ast.AST) -> bool:
    """Whether something may be a run, a book's nodes or weights, by what it is called."""
    last = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return last.lstrip("_") in ("run", "before", "after", "other", "now", "ended", "baseline",
                                "nodes", "weights", "tables", "given", "known")


def _is_name(node: ast.AST) -> bool:
    if isinstance(node, ast.JoinedStr) and node.values:
        node = node.values[-1]
    return (isinstance(node, ast.Constant) and isinstance(node.value, str)
            and node.value.rpartition(".")[2] in gpt2s_words())


def test_no_file_names_a_table_or_a_weight_of_gpt2s():
    wrong = []
    for file in files():
        name = file.relative_to(SOURCE).as_posix()
        if name not in ALLOWED:
            wrong += [f"{name}:{line}" for line in found_in(name, file.read_text(encoding="utf-8"))]
    assert not wrong, ("Ask the book for a role, or take a name that is of no architecture:\n"
                       + "\n".join(wrong))


def test_few_files_are_allowed_and_each_of_them_needs_to_be():
    assert len(ALLOWED) <= MOST_ALLOWED
    needless = [name for name in ALLOWED
                if not found_in(name, (SOURCE / name).read_text(encoding="utf-8"))]
    assert not needless


def test_the_names_are_those_of_the_definition_and_of_its_files():
    assert {"wte", "wpe", "c_attn_w", "residual_after_mlp", "mlp_up", "final_normalised", "c_attn",
            "ln_f"} <= gpt2s_own_words()
    assert {"next_probabilities", "attention", "logits", "qkv"} & gpt2s_own_words() == set()


@pytest.mark.parametrize(("name", "text"), [
    ("a.py", "x = 'wte'"), ("a.py", "# the rows of h3.c_attn_w"), ("a.js", 'ask("h0.mlp_up")'),
    ("a.py", "run['next_probabilities']"), ("a.py", "run[f'h{block}.attention']"),
    ("a.py", "self.run.array('logits')"), ("a.js", 'openTable("next_logits")')])
def test_a_name_is_found(name, text):
    assert found_in(name, text) == [1]


@pytest.mark.parametrize(("name", "text"), [
    ("a.py", "run[run.book.role('next_logits')]"), ("a.py", "'''Show h3.attention.'''"),
    ("a.js", 'openTable(tableOf("next_logits"))'), ("a.py", "the_final_word = 'final'"),
    ("a.py", "answer['values']")])
def test_a_role_is_no_name(name, text):
    assert found_in(name, text) == []
