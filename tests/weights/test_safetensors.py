"""Files written by transformers' and safetensors' own writers."""

import json
import mmap
import struct
import tracemalloc

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file
from transformers import GPT2LMHeadModel, GPT2Model

from cutaway import NumpyEngine, gpt2, start_run
from cutaway.errors import CorruptFile, WeightsError
from cutaway.models.config import PUBLISHED
from cutaway.weights import read_model_files
from cutaway.weights.safetensors_file import read_safetensors
from tests.weights.peers import assert_same, spellings


def test_a_model_saved_by_transformers_opens_to_the_same_digits(model_folder, numbers):
    assert_same(read_model_files(model_folder).weights, numbers)


def test_a_model_saved_without_the_transformer_prefix_opens_to_the_same_digits(
        huggingface_model, tmp_path, numbers):
    bare: GPT2Model = huggingface_model.transformer
    bare.save_pretrained(tmp_path)
    assert "wte.weight" in load_file(tmp_path / "model.safetensors")
    assert_same(read_model_files(tmp_path).weights, numbers)


def test_a_sharded_model_opens_to_the_same_digits(huggingface_model, tmp_path, numbers):
    huggingface_model.save_pretrained(tmp_path, max_shard_size="3KB")
    assert len(list(tmp_path.glob("model-*.safetensors"))) > 1
    assert_same(read_model_files(tmp_path).weights, numbers)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_other_types_open_to_the_digits_that_torch_has(numbers, tmp_path, dtype):
    from tests.weights.peers import huggingface_model

    model = huggingface_model(numbers).to(getattr(torch, dtype))
    model.save_pretrained(tmp_path)
    weights = read_model_files(tmp_path).weights
    state = model.state_dict()
    expected = {ours: state[theirs] for ours, (theirs, _) in spellings().items()}
    assert_same(weights, {name: (tensor.float() if dtype == "bfloat16" else tensor).numpy()
                          for name, tensor in expected.items()})
    assert weights.origin("wte").dtype == dtype
    assert weights["wte"].dtype == ("float32" if dtype == "bfloat16" else dtype)


def test_the_old_helper_tables_of_hugging_face_are_left_out(model_folder, numbers):
    file = model_folder / "model.safetensors"
    extra = {"transformer.h.0.attn.bias": np.tril(np.ones((1, 1, 16, 16), np.uint8)),
             "transformer.h.0.attn.masked_bias": np.array(-1e4, np.float32)}
    save_file(load_file(file) | extra, file)
    weights = read_model_files(model_folder).weights
    assert_same(weights, numbers)
    assert set(weights.others) == set(extra)


def test_a_stored_head_that_equals_the_token_embeddings_is_accepted(model_folder, numbers):
    file = model_folder / "model.safetensors"
    tensors = load_file(file)
    save_file(tensors | {"lm_head.weight": tensors["transformer.wte.weight"].copy()}, file)
    assert_same(read_model_files(model_folder).weights, numbers)


def test_a_head_of_its_own_makes_the_logits_as_transformers_makes_them(model_folder):
    file = model_folder / "model.safetensors"
    tensors = load_file(file)
    save_file(tensors | {"lm_head.weight": tensors["transformer.wte.weight"] + 1}, file)
    ours = read_model_files(model_folder)
    assert not ours.config.tie_word_embeddings
    run = start_run(gpt2(ours.config), ours.weights, [1, 2, 3], engine=NumpyEngine(np.float64))
    with torch.no_grad():
        theirs = GPT2LMHeadModel.from_pretrained(model_folder)(torch.tensor([[1, 2, 3]])).logits[0]
    np.testing.assert_allclose(run["logits"].array, theirs, rtol=1e-5, atol=1e-6)


def test_numbers_of_a_type_without_fractions_are_refused(model_folder):
    file = model_folder / "model.safetensors"
    tensors = load_file(file)
    save_file(tensors | {"transformer.wte.weight": np.ones((11, 8), np.int8)}, file)
    with pytest.raises(WeightsError) as caught:
        read_model_files(model_folder)
    assert str(caught.value) == (
        "model.safetensors: 'transformer.wte.weight' holds I8, expected one of float16, bfloat16, "
        "float32, float64. A quantised model has to be saved unquantised first.")


def test_a_parameter_that_is_stored_twice_is_refused(model_folder):
    file = model_folder / "model.safetensors"
    tensors = load_file(file)
    save_file(tensors | {"wpe.weight": tensors["transformer.wpe.weight"].copy()}, file)
    with pytest.raises(WeightsError) as caught:
        read_model_files(model_folder)
    assert str(caught.value).endswith(
        "are both wpe. A file may hold each parameter once: keep one of them.")


def test_numbers_at_an_odd_byte_are_read_right(tmp_path):
    values = np.arange(4, dtype="<f4")
    header = json.dumps({"wte": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}).encode()
    header += b" " * ((1 - len(header)) % 2)  # makes the numbers start at an odd byte
    file = tmp_path / "odd.safetensors"
    file.write_bytes(struct.pack("<Q", len(header)) + header + values.tobytes())
    array = read_safetensors(file)["wte"].read()
    np.testing.assert_array_equal(array, values)
    assert array.flags.aligned


def test_opening_gpt2_small_maps_the_file_and_reads_no_number(tmp_path):
    """A file as long as GPT-2 small's with a true header and no numbers on the disk: a hole."""
    shapes = {"wte": (50257, 768), "wpe": (1024, 768)}
    for k in range(12):
        shapes |= {f"h.{k}.ln_1": (768,), f"h.{k}.ln_2": (768,), f"h.{k}.attn.c_attn": (768, 2304),
                   f"h.{k}.attn.c_proj": (768, 768), f"h.{k}.mlp.c_fc": (768, 3072),
                   f"h.{k}.mlp.c_proj": (3072, 768)}
    header, at = {}, 0
    for name, shape in (shapes | {"ln_f": (768,)}).items():
        parts = {"weight": shape, "bias": shape[-1:]}
        if name in ("wte", "wpe"):
            del parts["bias"]
        for part, size in parts.items():
            end = at + 4 * int(np.prod(size))
            header[f"{name}.{part}"] = {"dtype": "F32", "shape": size, "data_offsets": [at, end]}
            at = end
    assert at == 497_759_232  # W6 of the workshop: 124,439,808 parameters in float32
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)  # as its writer does, so that the numbers are aligned
    file = tmp_path / "model.safetensors"
    with file.open("wb") as opened:
        opened.write(struct.pack("<Q", len(text)) + text)
        opened.truncate(8 + len(text) + at)

    tracemalloc.start()  # NumPy tells it of every array that it makes
    model = read_model_files(file)
    owner = model.weights["wte"]
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 5_000_000
    assert model.config == PUBLISHED["gpt2"] and model.weights.count == 124_439_808
    while isinstance(owner, np.ndarray):
        owner = owner.base
    assert isinstance(owner, mmap.mmap)


def test_a_file_that_was_cut_short_is_corrupt(model_folder):
    file = model_folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(CorruptFile) as caught:
        read_model_files(model_folder)
    assert str(caught.value).startswith("model.safetensors: '")
    assert str(caught.value).endswith(
        "should end at byte 7,904 of the numbers, but there are 7,804. The file is cut short: get "
        "it again.")


def test_a_header_longer_than_the_file_is_corrupt(tmp_path):
    file = tmp_path / "model.safetensors"
    file.write_bytes(struct.pack("<Q", 10**12) + b"{}")
    with pytest.raises(CorruptFile) as caught:
        read_model_files(file)
    assert str(caught.value) == (
        "model.safetensors: its header should take 1,000,000,000,000 bytes, but the whole file has "
        "10. It is cut short or is no safetensors file: get it again.")


def test_an_empty_file_is_corrupt(tmp_path):
    file = tmp_path / "model.safetensors"
    file.write_bytes(b"")
    with pytest.raises(CorruptFile, match=r"should take 0 bytes, but the whole file has 0\."):
        read_model_files(file)


@pytest.mark.parametrize(("header", "message"), [
    (b"{not json", "its header is not JSON"),
    (b"\xff\xfe{}", "its header is not JSON"),
    (b"[1, 2]", "its header is not a list of tensors by name."),
    (b'{"wte": 5}', "the header's entry for 'wte' cannot be read."),
    (b'{"wte": {"dtype": "F32", "shape": [2]}}', "the header's entry for 'wte' cannot be read."),
    (b'{"wte": {"dtype": "F32", "shape": [2], "data_offsets": [8, 4]}}',
     "'wte' should end at byte 4"),
    (b'{"wte": {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}}',
     "'wte' has 8 bytes, which is not what its shape [3] of float32 takes. It is damaged"),
    (b'{"wte": {"dtype": "F32", "shape": [-1, -2], "data_offsets": [0, 8]}}',
     "the header's entry for 'wte' cannot be read."),
])
def test_a_damaged_header_is_corrupt(tmp_path, header, message):
    file = tmp_path / "model.safetensors"
    file.write_bytes(struct.pack("<Q", len(header)) + header + bytes(8))
    with pytest.raises(CorruptFile) as caught:
        read_safetensors(file)
    assert message in str(caught.value)
    assert str(caught.value).startswith("model.safetensors: ")
    assert str(caught.value).endswith("get it again.")


@pytest.fixture
def sharded(huggingface_model, tmp_path):
    huggingface_model.save_pretrained(tmp_path, max_shard_size="3KB")
    return tmp_path


def test_a_missing_shard_is_named(sharded):
    gone = sorted(sharded.glob("model-*.safetensors"))[1]
    gone.unlink()
    with pytest.raises(CorruptFile) as caught:
        read_model_files(sharded)
    assert str(caught.value) == (
        f"model.safetensors.index.json names the file {gone.name}, which is not beside it. Get the "
        "missing file, or the whole model again.")


def test_a_shard_of_another_model_is_named(sharded):
    shard = sorted(sharded.glob("model-*.safetensors"))[0]
    save_file({"other": np.ones(3, np.float32)}, shard)
    with pytest.raises(CorruptFile) as caught:
        read_model_files(sharded)
    assert str(caught.value).startswith(
        f"model.safetensors.index.json says that {shard.name} holds '")
    assert str(caught.value).endswith(
        "but it does not. The files belong to different models: get them again.")


def test_an_index_that_points_out_of_its_folder_is_refused(sharded):
    index = sharded / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"wte.weight": "../elsewhere.safetensors"}}))
    with pytest.raises(CorruptFile) as caught:
        read_model_files(index)
    assert str(caught.value) == (
        "model.safetensors.index.json names the file '../elsewhere.safetensors', which is in "
        "another folder. Its files have to lie beside it: get the model again.")


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"weight_map": 3}'])
def test_a_damaged_index_is_corrupt(sharded, text):
    (sharded / "model.safetensors.index.json").write_text(text)
    with pytest.raises(CorruptFile) as caught:
        read_model_files(sharded / "model.safetensors.index.json")
    assert str(caught.value) == (
        "model.safetensors.index.json: it does not say which file holds which tensor "
        "(`weight_map`). It is damaged: get it again.")
