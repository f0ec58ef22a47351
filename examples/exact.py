"""Float64 on request: the difference to float32 is rounding, and can be looked at."""

import numpy as np

import cutaway

model = cutaway.open_model()
prompt = "The king and the queen"
single = model.run(prompt)
double = model.run(prompt, engine=cutaway.NumpyEngine(np.float64))

for difference in double.diff(single, names=["h0.scores", "h5.mlp_output", "next_logits"]):
    print(f"{difference.name:16} {difference.relative:.1e}")
