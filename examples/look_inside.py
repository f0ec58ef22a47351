"""Every number of the model is a cell of a named table."""

import cutaway

model = cutaway.open_model()
run = model.run("Mike is quick. He moves")

attention = run["h3.attention"]
print(attention)                                        # its axes, in words
print(attention.provenance.formula)                     # how it is made
print(attention.labels("position"))                     # the tokens
print(attention.select(head=1, position=-1).array.round(3))

print(run.precedents("h3.attention"), "->", "h3.attention", "->", run.dependents("h3.attention"))
print(run["wte"].select(vocabulary=" quick").array[:4], run["wte"].provenance.origin)
