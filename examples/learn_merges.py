"""Byte-pair encoding learned before your eyes."""

from cutaway.tokenizer import learn_merges

text = "low low low low low lower lower newest newest newest newest newest newest " \
       "widest widest widest"
for merge in learn_merges(text, 6):
    left, right = merge.pair
    print(f"{merge.number}. {left.decode()!r} + {right.decode()!r}  {merge.count} times"
          f"   the corpus: {merge.tokens_before} -> {merge.tokens_after} tokens")
