"""What is there of a dropped model, what is missing, and what is wrong."""

import json

import pytest
from safetensors.numpy import save_file

from cutaway.errors import WorkerError
from cutaway.weights import Store
from tests.studio.dropping import HPARAMS, run, write_csvs
from tests.weights import peers


def test_a_tensor_of_a_wrong_shape_is_told_with_both_shapes(book, tmp_path, numbers, csvs):
    transposed = write_csvs(tmp_path / "other", numbers | {"h1.c_fc_w": numbers["h1.c_fc_w"].T})
    csvs["h1.c_fc_w"] = transposed["h1.c_fc_w"]
    found = run(book.drop(*csvs.values(), HPARAMS))
    [wrong] = [tensor for tensor in found["tensors"] if tensor["state"] == "wrong"]
    assert wrong["name"] == "h1.c_fc_w"
    assert wrong["words"] == ("32 x 8 in model_h1_mlp_c_fc_w.csv; 8 x 32 is expected: it is "
                              "transposed")
    assert not found["ready"]
    with pytest.raises(WorkerError, match=r"the dropped files: 'h1\.c_fc_w' is 32 x 8"):
        run(book.ask("upload_finish", upload=found["upload"], name="mine"))
    assert Store(book.models.store_folder).names() == []


def test_tensors_of_more_blocks_than_the_config_says_are_remarked_on(book, csvs, tmp_path):
    hparams = json.loads(HPARAMS.read_text()) | {"n_layer": 1}
    (tmp_path / "hparams.json").write_text(json.dumps(hparams))
    found = run(book.drop(*csvs.values(), tmp_path / "hparams.json"))
    assert found["problems"] == [
        "n_layer is 1, as hparams.json says, but here are tensors of h1 too. The files belong to "
        "different models: drop the right ones, or take the others away."]


def test_an_untied_head_in_a_part_of_its_own_is_found_too(book, tmp_path, numbers):
    spelled = {peers.spellings()[name][0]: array for name, array in numbers.items()}
    save_file(spelled, tmp_path / "model-00001-of-00002.safetensors")
    save_file({"lm_head.weight": numbers["wte"] + 1, "transformer.ln_f.bias": numbers["ln_f_b"]},
              tmp_path / "model-00002-of-00002.safetensors")
    found = run(book.drop(*sorted(tmp_path.glob("model-*")), HPARAMS))
    assert found["ready"] and "lm_head" in [tensor["name"] for tensor in found["tensors"]]


def test_a_file_that_is_taken_away_is_counted_no_longer(book, csvs):
    found = run(book.drop(*csvs.values(), HPARAMS))
    [wte] = [file["index"] for file in found["files"] if file["name"] == "model_wte.csv"]
    run(book.ask("upload_leave_out", upload=found["upload"], index=wte))
    found = run(book.ask("upload_check", upload=found["upload"]))
    assert found["missing"] == ["wte"]
