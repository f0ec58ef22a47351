"""Write the table of verbs in docs/page-protocol.md, from the registry of messages.

    python tools/message_table.py

A test compares what it writes with what is there.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from msgspec import structs

from cutaway.studio.messages import questions
from cutaway.studio.messages.question import Question

FILE = Path(__file__).parents[1] / "docs" / "page-protocol.md"
TABLE = re.compile(r"(<!-- verbs: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def verb_table(verbs: Mapping[str, type[Question]]) -> str:
    """A row for each verb: its fields, what is answered, and what it does."""
    rows = ["| verb | fields | answer | what it does |", "|---|---|---|---|"]
    for verb, question in verbs.items():
        fields = " ".join(f"`{one.encode_name}{'' if one.required else '?'}`"
                          for one in structs.fields(question))
        answer = question.answer.__name__
        answered = "" if answer == "Nothing" else f"`{answer}`"
        told = (question.__doc__ or "").split("\n")[0].replace("<", "&lt;")
        rows.append(f"| `{verb}` | {fields} | {answered} | {told} |")
    return "\n".join(rows) + "\n"


def page(text: str) -> str:
    """The page with the tables of today."""
    return TABLE.sub(lambda found: found[1] + verb_table(getattr(questions, found[2])) + found[3],
                     text)


if __name__ == "__main__":
    FILE.write_text(page(FILE.read_text(encoding="utf-8")), encoding="utf-8")
