"""The model as a spreadsheet, with a formula of one's own in the cells."""

from pathlib import Path

from cutaway import open_model
from cutaway.engines.xlsx import write_xlsx

model = open_model()
run = model.run("Mike is quick. He moves").rewrite("attention", "softmax(causal(scores * 2))")
file = Path("sharper.xlsx")
write_xlsx(model, "Mike is quick. He moves", file, n_positions=8, like=run)
print(f"{file} is written: {file.stat().st_size / 1e6:.0f} MB. Type another prompt into it.")
