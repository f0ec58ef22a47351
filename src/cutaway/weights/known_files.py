"""Files that people take for a model's weights: what each is, and what to do instead.

They are told by how they begin, and a few by what their names end with.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from cutaway.errors import CorruptFile

Read = TypeVar("Read")
START_BYTES = 512

GET_SAFETENSORS = "Get the model's model.safetensors instead"
# What a file begins with, and what it is.
STARTS = {
    b"version https://git-lfs": "is a git-lfs pointer, a few lines in the place of the file "
                                "itself. Run `git lfs pull` in its repository",
    b"GGUF": f"is a GGUF file, llama.cpp's, whose numbers are mostly quantised. {GET_SAFETENSORS}",
    b"lmgg": f"is a GGML file, llama.cpp's of before 2023. {GET_SAFETENSORS}",
    b"tjgg": f"is a GGML file, llama.cpp's of before 2023. {GET_SAFETENSORS}",
    b"\x89HDF": f"is an HDF5 file, which Keras and TensorFlow write. {GET_SAFETENSORS}",
    b"\x1f\x8b": "is packed with gzip. Unpack it, and open what is in it",
    b"7z\xbc\xaf": "is packed with 7-Zip. Unpack it, and open what is in it",
    b"Rar!": "is packed with RAR. Unpack it, and open what is in it",
    b"%PDF": f"is a PDF document. {GET_SAFETENSORS}",
    b"\x93NUMPY": "is one NumPy array, and a model has many. Write all of them with "
                  "cutaway.weights.save_weights",
}
PAGE = ("is a web page, as a site sends it in the place of a file that is private or has moved. "
        "Download the file itself")
PAGES = (b"<!doctype html", b"<html", b"<?xml")
ENDINGS = {
    ".onnx": f"is an ONNX graph. {GET_SAFETENSORS}",
    ".pb": f"is a graph of TensorFlow's (SavedModel). {GET_SAFETENSORS}",
    ".h5": f"is an HDF5 file, which Keras and TensorFlow write. {GET_SAFETENSORS}",
    ".msgpack": f"is a Flax checkpoint. {GET_SAFETENSORS}",
    ".ot": f"is a model of rust-bert's. {GET_SAFETENSORS}",
    ".mlmodel": f"is a Core ML model. {GET_SAFETENSORS}",
    ".tflite": f"is a TensorFlow Lite model. {GET_SAFETENSORS}",
    ".npz": "is an archive of NumPy arrays. Write them with cutaway.weights.save_weights",
}
LORA = (".lora_A.weight", ".lora_B.weight", ".lora_A.default.weight", ".lora_B.default.weight")


def what_it_is(file: Path) -> str:
    """What a file that is no weights is, as the rest of a sentence; "" for any other file."""
    with file.open("rb") as opened:
        start = opened.read(START_BYTES)
    for begins, words in STARTS.items():
        if start.startswith(begins):
            return words
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(PAGES):
        return PAGE
    return ENDINGS.get(file.suffix.lower(), "")


def expect_weights(file: Path) -> None:
    """Raises:  CorruptFile for a file that is known to hold no weights, saying what it is"""
    if words := what_it_is(file):
        raise CorruptFile(f"{file.name} {words}.")


def expect_no_adapter(file: Path, names: Iterable[str]) -> None:
    """Check that tensors are not those of a LoRA adapter.  Raises:  CorruptFile"""
    if any(name.endswith(LORA) for name in names):
        raise CorruptFile(
            f"{file.name} is a LoRA adapter: changes to a model, which is in another file. Merge "
            "the two with peft, model.merge_and_unload().save_pretrained(FOLDER), and open FOLDER.")


def checked(read: Callable[[Path], Read]) -> Callable[[Path], Read]:
    """The same reader, which looks first whether the file is one that holds no weights."""
    def reader(file: Path) -> Read:
        expect_weights(file)
        return read(file)

    return reader
