"""The models that Cutaway states. `gpt2.py` is all of GPT-2; `config.py` is its shape."""
