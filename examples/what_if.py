"""Change a number, and only what depends on it is calculated again. The old run stays."""

import cutaway

model = cutaway.open_model()
run = model.run("Once upon a time, there was a little girl named")
before = run["next_probabilities"]

silenced = run.edit("h3.attention", 0, head=1)                           # a head switched off
sharper = run.rewrite("h3.attention", "softmax(causal(scores * 3))")     # another formula
other = run.edit("h0.residual", model.run(
    "Once upon a time, there was a little boy named")["h0.residual"].array)  # patched in

for name, edited in {"silenced": silenced, "sharper": sharper, "patched": other}.items():
    after = edited["next_probabilities"].array
    best = int(after.argmax())
    word = model.tokenizer.text_of(best)
    print(f"{name:9} {word!r:10} {before.array[best]:.3f} -> {after[best]:.3f}"
          f"   {len(edited.calculations)} tables calculated")

worst = run.diff(silenced)[0]
print("moved most:", worst.name, "at", worst.place, worst.before, "->", worst.after)
