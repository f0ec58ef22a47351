"""What `docs/tokenizer.md` shows is what its code prints."""

import contextlib
import io
import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "tokenizer.md"
EXAMPLE = re.compile(r"```python\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)


def printed_by(code: str, names: dict) -> str:
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(code, names)
    return "".join(f"{line.rstrip()}\n" for line in output.getvalue().splitlines())


def test_every_result_on_the_page_is_what_the_code_above_it_prints():
    examples = EXAMPLE.findall(PAGE.read_text(encoding="utf-8"))
    names = {}
    assert [printed_by(code, names) for code, _ in examples] == [shown for _, shown in examples]
    assert len(examples) == 4
