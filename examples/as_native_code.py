"""The same model as native code: every table as before, and an edit that reaches down only."""

import cutaway
from cutaway.engines.compiled import CompiledEngine
from cutaway.generate import GREEDY, generate

model = cutaway.open_model()
engine = CompiledEngine()  # the first use on a machine compiles it: some ten seconds, once
run = model.run("Mike is quick. He moves", engine=engine)
plain = model.run("Mike is quick. He moves")
worst = run.diff(plain)[0]
print(f"The table that differs most from NumPy's is {worst.name}: by {worst.relative:.1e} of its "
      f"largest number.")

_ = run["next_logits"]
edited = run.edit("h3.mlp_output", 0, position=-1)
_ = edited["next_logits"]
print(f"Calculated again: {sum(edited.calculations.values())} tables, "
      f"from row {edited.first_row} on.")

# Weights of a byte each: a quarter of the memory to read, and nearly the same numbers.
small = model.run("Mike is quick. He moves", engine=CompiledEngine("int8"), keep=())
print("".join(token.text for token in generate(small, GREEDY, max_tokens=20)))
