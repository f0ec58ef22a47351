"""An architecture that only tests state, in both databases: every table, and a token after it."""

import numpy as np

from cutaway import Model, NumpyEngine
from cutaway.models import ARCHITECTURES
from cutaway.tokenizer import Tokenizer
from cutaway.weights import read_model_files
from tests.models.llama_like import LLAMA, LlamaConfig, llama
from tests.models.llama_peer import llama_files

CONFIG = LlamaConfig(vocab_size=256, n_head=4, n_key_head=2)
IDS = np.array([5, 1, 44, 44, 200, 0, 7])


def test_every_table_is_that_of_numpy_also_after_a_token(calculated, monkeypatch, tmp_path):
    monkeypatch.setitem(ARCHITECTURES, LLAMA.model_type, LLAMA)
    weights = read_model_files(llama_files(tmp_path, CONFIG)).weights
    model = Model("llama", CONFIG, llama(CONFIG), weights, Tokenizer.from_merges([]),
                  architecture=LLAMA)
    reference = model.run(IDS, engine=NumpyEngine(np.float64))
    run = calculated(model)
    run.predict_ids(list(IDS))
    for names in (model.book.nodes, ("h0.keys", "h1.values", "next_logits")):
        for name in names:
            theirs = reference[name].array
            np.testing.assert_allclose(run.array(name), theirs, rtol=0, err_msg=name,
                                       atol=2e-5 * np.abs(theirs).max())
        chosen = run.choose()
        assert chosen == int(reference["next_logits"].array.argmax())
        run.append()
        reference = reference.append(chosen)
