"""Writing a model as the workshop has it: one CSV a parameter, all of them in a zip.

`model_wte.csv`, `model_h0_attn_c_attn_w.csv`, ...: OpenAI's names with `_` for `/`, no headings, a
line a row, every number so that it reads back as the same float. `csv_files.py` reads them.
"""

import json
from importlib.resources.abc import Traversable
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np

from cutaway.disk import whole_file
from cutaway.errors import WeightsError
from cutaway.models.config import ModelConfig
from cutaway.weights.config_files import hugging_face_config
from cutaway.weights.mapping import Weights
from cutaway.weights.names import stored_name
from cutaway.weights.progress import Progress, ProgressCallback, unwatched
from cutaway.weights.tokenizer_files import copy_tokenizer, end_of_text_id

DIGITS = {2: "%.5g", 4: "%.9g", 8: "%.17g"}  # by the bytes of a number: as many as tell it apart


def export_csvs(config: ModelConfig, weights: Weights, tokenizer_folder: Traversable | None,
                file: Path, progress: ProgressCallback = unwatched) -> None:
    """A zip with a CSV for each parameter, `config.json`, and the tokenizer's files, if any.

    Raises:  DiskError when it cannot be written, with a file that was there unchanged; WeightsError
             for a parameter that has no name in this format; MissingTensors, WrongShape, NotFinite
    """
    weights.check(config)
    weights.check_finite()
    names = _file_names(weights)
    fields = hugging_face_config(config, end_of_text_id(tokenizer_folder), weights.architecture)
    with whole_file(file) as draft, ZipFile(draft, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("config.json", json.dumps(fields, indent=2) + "\n")
        for done, (name, stored) in enumerate(names.items()):
            progress(Progress(f"writing {stored}.csv", done, len(names), "files"))
            with archive.open(f"{stored}.csv", "w", force_zip64=True) as lines:
                numbers = np.atleast_2d(weights[name])
                np.savetxt(lines, numbers, fmt=DIGITS[numbers.itemsize], delimiter=",")
        if tokenizer_folder is not None:
            _add_tokenizer(tokenizer_folder, archive)
    progress(Progress("CSV files written", len(names), len(names), "files"))


def _file_names(weights: Weights) -> dict[str, str]:
    """What each parameter's file is called.  Raises:  WeightsError"""
    kind = weights.architecture
    names = {name: stored_name(name, "csv", kind) for name in weights}
    if nameless := [name for name, stored in names.items() if not stored]:
        raise WeightsError(
            f"The workshop's CSV files have no name for {nameless[0]!r}: they are a GPT-2's with "
            f"OpenAI's names. Leave --csv out to write Hugging Face's files.")
    return names


def _add_tokenizer(folder: Traversable, archive: ZipFile) -> None:
    with TemporaryDirectory(prefix="cutaway-") as copied:
        copy_tokenizer(folder, Path(copied))
        for one in sorted(Path(copied).iterdir()):
            archive.write(one, one.name)
