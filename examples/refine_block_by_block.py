"""What the model would say after each block: that block's output laid over the last one's."""

import cutaway

model = cutaway.open_model()
run = model.run("She opened the door and saw a big")
last = f"h{model.config.n_layer - 1}.residual_after_mlp"

for block in range(model.config.n_layer):
    early = run.edit(last, run[f"h{block}.residual_after_mlp"].array)
    shares = early["next_probabilities"].array
    best = shares.argsort()[::-1][:4]
    words = "  ".join(f"{model.tokenizer.text_of(int(id))!r} {shares[id]:.0%}" for id in best)
    print(f"after block {block}:  {words}")
