"""Write the types of the studio's messages for JavaScript, from the registry of verbs.

    python tools/message_types.py

It writes src/cutaway/studio/static/messages.d.ts; a test compares it with what is there.
"""

from pathlib import Path
from typing import Any

from msgspec import inspect

import cutaway.studio
from cutaway.studio.messages import questions

FILE = Path(cutaway.studio.__file__).parent / "static" / "messages.d.ts"
HEAD = """// The messages between page and server, written by tools/message_types.py: do not edit.
// A verb is asked with the fields of `Questions[verb]` and answered with `Answers[verb]`.
"""
PLAIN: dict[type[inspect.Type], str] = {
    inspect.IntType: "number", inspect.FloatType: "number", inspect.StrType: "string",
    inspect.BoolType: "boolean", inspect.NoneType: "null", inspect.AnyType: "unknown"}


class Types:
    """The declarations met so far, by name."""

    def __init__(self) -> None:
        self.declared: dict[str, str] = {}
        self._whose: dict[str, type] = {}

    def of(self, kind: inspect.Type) -> str:
        """A kind of value as TypeScript."""
        match kind:
            case inspect.Metadata(type=inner):
                text = self.of(inner)
            case inspect.ListType(item_type=item):
                inner = self.of(item)
                text = f"({inner})[]" if " | " in inner else f"{inner}[]"
            case inspect.DictType(value_type=value):
                text = f"Record<string, {self.of(value)}>"
            case inspect.LiteralType(values=values):
                text = " | ".join(f'"{value}"' for value in values)
            case inspect.UnionType(types=types):
                text = " | ".join(dict.fromkeys(map(self.of, types)))
            case inspect.StructType(cls=cls, tag_field=tag_field, tag=tag):
                text = self._declare(cls, kind, [f'{tag_field}: "{tag}"'] if tag_field else [])
            case inspect.TypedDictType(cls=cls):
                text = self._declare(cls, kind, [])
            case _:
                text = PLAIN[type(kind)]
        return text

    def fields(self, kind: Any) -> list[str]:
        """The fields of an object, each that need not be there with a question mark."""
        return [f"{field.encode_name}{'' if field.required else '?'}: {self.of(field.type)}"
                for field in kind.fields]

    def _declare(self, cls: type, kind: Any, said: list[str]) -> str:
        if self._whose.setdefault(cls.__name__, cls) is not cls:
            raise NameError(f"There are two kinds of message called {cls.__name__}. Rename one.")
        if cls.__name__ not in self.declared:
            self.declared[cls.__name__] = ""  # one may hold another of its own kind
            self.declared[cls.__name__] = _interface(cls.__name__, said + self.fields(kind))
        return cls.__name__


def _interface(name: str, lines: list[str]) -> str:
    inside = "".join(f"  {line};\n" for line in lines)
    return f"export interface {name} {{\n{inside}}}\n"


def message_types() -> str:
    """The whole file."""
    types = Types()
    asked, answered = [], []
    for verb, question in questions.PAGE.items():
        fields = "; ".join(types.fields(inspect.type_info(question)))
        asked.append(f"{verb}: {{{fields}}}")
        answered.append(f"{verb}: {types.of(inspect.type_info(question.answer))}")
    return "\n".join([HEAD, *types.declared.values(), _interface("Questions", asked),
                      _interface("Answers", answered)])


if __name__ == "__main__":
    FILE.write_text(message_types(), encoding="utf-8")
