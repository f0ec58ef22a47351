"""`--help`: cheap, complete, and every example in it runs."""

import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cutaway import open_model
from cutaway.cli.group import SUMMARIES
from cutaway.models import GPT2
from cutaway.weights import export_huggingface
from tests.cli.conftest import TEXT

WITH_STAND_INS = ("fetch", "train")  # need a network or minutes: test_models_kept, test_train
SMALL = "--steps 2 --every 2 --batch 1 --blocks 1 --heads 1 --embed 8 --context 16 --vocab-size 270"


def printed_examples(cutaway) -> list[str]:
    """Every command line that any help text prints."""
    pages = [cutaway("--help").stdout, *(cutaway(verb, "--help").stdout for verb in SUMMARIES)]
    lines = [line.strip() for page in pages for line in page.splitlines()]
    return sorted({line for line in lines if line.startswith(("cutaway ", "echo "))})


@pytest.mark.parametrize("verb", list(SUMMARIES))
def test_every_verb_has_help_with_examples(cutaway, verb):
    page = cutaway(verb, "--help")
    assert page.exit_code == 0 and "Examples:" in page.stdout


def test_every_verb_is_in_the_overview(cutaway):
    page = cutaway("--help").stdout
    assert all(f"  {verb}" in page for verb in SUMMARIES)


def test_without_arguments_the_help_says_how_to_begin(cutaway):
    result = cutaway()
    assert result.exit_code == 0 and 'cutaway "Mike is quick. He moves"' in result.stdout


def narrow_storybook(folder: Path) -> Path:
    """The bundled model's tokens and heads in four blocks, with random weights and narrow rows.

    An example has the same words to say of it, and takes a tenth of the time.
    """
    real = open_model()
    config = replace(real.config, n_layer=4, n_embd=2 * real.config.n_head)
    real.tokenizer.save(folder)
    export_huggingface(config, GPT2.fresh(config, np.random.default_rng(0)), folder, folder)
    return folder


def test_every_example_in_every_help_runs(cutaway, tiny, tmp_path, monkeypatch):
    from cutaway.studio.server import serve
    from cutaway.studio.server.documents import Document, new_document, save
    from cutaway.studio.share.workbook import Workbook
    from cutaway.studio.share.workbook_file import save_workbook
    from cutaway.weights import bundled_names

    # It would serve until Ctrl-C: test_open does that.
    monkeypatch.setattr(serve, "serve", lambda book, **settings: None)
    save_workbook(Workbook("storybook", "Once", [], []), tmp_path / "my-workbook.py")
    save(Document("1f3a5c7e9b2d", "storybook", "Once"))  # is called "heads off" after the other
    save(replace(new_document("storybook"), name="heads off"))
    if "storybook" not in bundled_names():
        pytest.skip("the bundled model is not in this checkout")
    narrow_storybook(tmp_path / "bundled" / "storybook")
    monkeypatch.setattr("cutaway.weights.find.BUNDLED", tmp_path / "bundled")
    (tmp_path / "story.txt").write_text(TEXT, encoding="utf-8")
    shutil.copytree(tiny, tmp_path / "my-model")
    examples = [line for line in printed_examples(cutaway)
                if line.split()[1] not in WITH_STAND_INS]
    assert len(examples) > 30
    for example in examples:
        command, piped = example, None
        if example.startswith("echo"):
            words, command = example.split(" | ")
            piped = shlex.split(words)[1] + "\n"
        arguments = shlex.split(command)[1:]
        if arguments[0] == "sql" and "--" not in command:
            arguments += ["--max-tokens", "2"]  # a database takes half a second for each
        result = cutaway(*arguments, input=piped)
        assert result.exit_code == 0, (example, result.output)


def test_help_loads_neither_rich_nor_torch_nor_the_tokenizers():
    code = ("import sys; from cutaway.cli import main\n"
            "try: main(['--help'])\nexcept SystemExit: pass\n"
            "heavy = {'rich', 'torch', 'tiktoken', 'tokenizers', 'huggingface_hub'}\n"
            "print(heavy & set(sys.modules), file=sys.stderr)")
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                           env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")})
    assert found.stderr.strip() == "set()"


def test_the_version_is_told(cutaway):
    import cutaway as package

    assert cutaway("--version").stdout == f"cutaway {package.__version__}\n"
