"""docs/page-protocol.md: its verbs are the registry's, its pushes and addresses the server's."""

import json
import re
import runpy

from cutaway.studio.messages.fields import read_json
from cutaway.studio.messages.questions import INNER, PAGE, RELAYED, SERVER
from cutaway.studio.server.app import inner_app
from cutaway.studio.server.documents import new_document
from tests.docs.pages import DOCS, ROOT, blocks, table_rows

PAGE_OF_DOCS = DOCS / "page-protocol.md"
STUDIO = ROOT / "src" / "cutaway" / "studio"
PUSHED = re.compile(r'"push": "(\w+)"')
HEARD = re.compile(r'onPush\(\s*"(\w+)"')


def first_cells() -> list[str]:
    return [row[0] for row in table_rows(PAGE_OF_DOCS)]


def found_in(pattern: str, expression: re.Pattern[str]) -> set[str]:
    return {name for file in STUDIO.rglob(pattern)
            for name in expression.findall(file.read_text(encoding="utf-8"))}


def test_the_tables_of_verbs_are_what_the_script_writes():
    tool = runpy.run_path(str(ROOT / "tools" / "message_table.py"))
    text = PAGE_OF_DOCS.read_text(encoding="utf-8")
    assert text == tool["page"](text), "run python tools/message_table.py"
    assert SERVER | RELAYED == PAGE
    assert all(f"`{verb}`" in first_cells() for verb in SERVER | RELAYED | INNER)


def test_every_push_is_in_the_table_and_nothing_else():
    rows = table_rows(PAGE_OF_DOCS)
    begin = next(place for place, row in enumerate(rows) if row[0] == "push") + 1
    end = next(place for place, row in enumerate(rows[begin:], begin) if row[0] == "verb")
    told = {name for row in rows[begin:end] for name in re.findall(r"`(\w+)`", row[0])}
    assert told == found_in("*.py", PUSHED)
    assert found_in("*.js", HEARD) <= told


def test_every_route_is_in_the_table_and_nothing_else():
    told = {path for cell in first_cells() for path in re.findall(r"(/[\w/{}]*)", cell)}
    routes = inner_app(new_document("storybook", "Mike")).routes
    assert {path.rstrip("/") for path in told} == {
        route.path.replace(":int", "").rstrip("/") for route in routes}


def test_the_examples_are_messages():
    examples = [json.loads(block.code) for block in blocks(PAGE_OF_DOCS, "json")]
    asked, *answers = examples
    assert set(asked) - {"id", "do"} <= set(PAGE[asked["do"]].__struct_fields__)
    assert all({"re"} < set(one) for answer in answers for one in answer)
    assert read_json(json.dumps(asked)) == asked
