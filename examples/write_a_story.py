"""Text, one token at a time, with every stage of each choice at hand."""

import cutaway
from cutaway.generate import Sampling, generate

model = cutaway.open_model()
run = model.run("One day, a little fox")

for token in generate(run, Sampling(temperature=0.7, top_k=40), max_tokens=60, seed=7,
                      stop_tokens={model.tokenizer.end_of_text}):
    print(token.text, end="", flush=True)
print()

for row in token.distribution.rows(3):
    print(f"the last choice: {model.tokenizer.text_of(row.id)!r} {row.probability:.1%}")
