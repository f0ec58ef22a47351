"""Each variant of GPT-2 out of transformers' own files, and back into files that it opens."""

import json

import numpy as np
import pytest
import torch
from transformers import GPT2LMHeadModel

from cutaway import NumpyEngine, gpt2, start_run
from cutaway.errors import WeightsError
from cutaway.models.config import Config
from cutaway.weights import export_huggingface, read_model_files
from tests.models.test_variants import IDS, VARIANT, shape
from tests.oracles import hugging_face_gpt2, our_arrays


def logits(folder) -> np.ndarray:
    files = read_model_files(folder)
    assert isinstance(files.config, Config)
    run = start_run(gpt2(files.config), files.weights, IDS, engine=NumpyEngine(np.float64))
    return run["logits"].array


def peers_logits(peer) -> np.ndarray:
    with torch.no_grad():
        return peer(torch.from_numpy(IDS[None])).logits[0].numpy()


@pytest.mark.parametrize("variant", VARIANT)
def test_what_transformers_saved_opens_to_its_logits(variant, tmp_path):
    peer = hugging_face_gpt2(shape(variant), scale=0.3, dtype=torch.float32)
    peer.save_pretrained(tmp_path)
    np.testing.assert_allclose(logits(tmp_path), peers_logits(peer), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("variant", VARIANT)
def test_what_is_exported_opens_in_transformers_and_here_to_the_same(variant, tmp_path):
    config = shape(variant)
    peer = hugging_face_gpt2(config, scale=0.3, dtype=torch.float32)
    export_huggingface(config, our_arrays(peer), None, tmp_path)
    opened = GPT2LMHeadModel.from_pretrained(tmp_path, attn_implementation="eager").eval()
    np.testing.assert_allclose(peers_logits(opened), peers_logits(peer), rtol=1e-6, atol=1e-6)
    again = read_model_files(tmp_path)
    assert again.config == config
    assert set(again.weights) == set(gpt2(config).weights)


def test_a_bias_that_is_said_to_be_missing_and_is_not_0_is_refused(tmp_path):
    peer = hugging_face_gpt2(shape("gelu"), scale=0.3, dtype=torch.float32)
    peer.save_pretrained(tmp_path)
    file = tmp_path / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"missing_biases": ["c_attn_b"]}))
    with pytest.raises(WeightsError) as caught:
        read_model_files(tmp_path)
    assert str(caught.value) == (
        "model.safetensors: config.json says that the model has no h0.c_attn_b (missing_biases), "
        "but the file holds one that is not 0. Take it out of that list, or get the files again "
        "from one place.")
