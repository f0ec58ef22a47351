"""Kinds of fields with their limits, and how a message that breaks them is refused.

    checked(GoTo, {"cursor": 3})     # GoTo(cursor=3)
    checked(GoTo, {"cursor": -1})    # MessageError: 'cursor' is -1; a whole number from 0 to ...

Everything that comes from a page is read by `read_json` and checked by `checked`, once.
"""

import json
from types import NoneType
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin, overload

import msgspec
from msgspec import Meta, Struct, ValidationError, inspect, structs

from cutaway.errors import MessageError

Kind = TypeVar("Kind")

LARGEST = 1.7976931348623157e308
MOST_SHOWN = 60  # characters of what was found
WORDS = {inspect.FloatType: "a finite number", inspect.StrType: "a text",
         inspect.BoolType: "true or false"}

Text = Annotated[str, Meta(max_length=1_000_000)]
Code = Annotated[str, Meta(max_length=200_000)]
Path = Annotated[str, Meta(max_length=4_000)]
Name = Annotated[str, Meta(max_length=200)]
CellName = Annotated[str, Meta(max_length=100)]
Key = Annotated[str, Meta(max_length=40)]
Index = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Number = Annotated[float, Meta(ge=-LARGEST, le=LARGEST)]
Select = dict[str, Index]  # which page of a table is meant: an index by axis


def read_json(text: str | bytes) -> Any:
    """What a text of JSON says.

    Raises:  MessageError when it is none: NaN, half of a surrogate pair, a number of 5,000 digits
             and lists 100,000 deep are named
    """
    try:
        return msgspec.json.decode(text)
    except RecursionError:
        raise MessageError("The message is nested too deep: lists or objects within each other "
                           "without end. At most a few levels are expected.") from None
    except (ValidationError, msgspec.DecodeError, UnicodeError) as error:
        raise MessageError(_not_json(text, error)) from None


@overload
def checked(kind: type[Kind], fields: Any) -> Kind: ...
@overload
def checked(kind: Any, fields: Any) -> Any: ...
def checked(kind: Any, fields: Any) -> Any:
    """Fields as the kind of message that they are.

    Raises:  MessageError, naming the first field that is wrong, what it is and what is expected
    """
    try:
        return msgspec.convert(fields, kind)
    except RecursionError:
        raise MessageError("The message is nested too deep.") from None
    except ValidationError as error:
        if isinstance(error.__cause__, MessageError):
            raise error.__cause__ from None
        raise MessageError(_wrong("", fields, kind) or f"The message is wrong: {error}.") from None


def _not_json(text: str | bytes, error: Exception) -> str:
    """Why a text cannot be read as JSON."""
    if "out of range" in str(error):
        return ("The message holds a number that is too large to be one: at most 1.8e308, and "
                "whole numbers of at most 4,300 digits, are expected.")

    def refuse(word: str) -> None:
        raise MessageError(f"{word} was found in the message; finite numbers are expected.")

    try:
        json.loads(text, parse_constant=refuse)
    except MessageError as found:
        return str(found)
    except (ValueError, RecursionError):
        return "The message is no JSON."
    return ("The message holds half of a surrogate pair (\\ud800 to \\udfff), which is no "
            "character. Remove it.")


# ---- What is wrong ---------------------------------------------------------------------------


def _wrong(name: str, value: Any, kind: Any) -> str:
    """The first mistake in a value: which field, what it is, what is expected; "" for none."""
    if _fits(value, kind):
        return ""
    return _wrong_inside(name, value, _bare(kind, value)) or _wrong_itself(name, value, kind)


def _wrong_inside(name: str, value: Any, kind: Any) -> str:
    """The first mistake in a field, an item or an entry of a value."""
    found: list[str] = []
    if isinstance(value, dict) and isinstance(kind, type) and issubclass(kind, Struct):
        found = [_wrong(one.encode_name, value[one.encode_name], one.type)
                 if one.encode_name in value else
                 f"{one.encode_name!r} is missing; {expected(one.type)} is expected."
                 for one in structs.fields(kind) if one.encode_name in value or one.required]
    elif isinstance(value, list) and get_origin(kind) is list:
        found = [_wrong(f"{name}[{place}]", item, get_args(kind)[0])
                 for place, item in enumerate(value)]
    elif isinstance(value, dict) and get_origin(kind) is dict:
        place = f"{name!r}: " if name else ""
        found = [f"{place}{key} is {short(item)}; {expected(get_args(kind)[1])} is expected."
                 for key, item in value.items() if not _fits(item, get_args(kind)[1])]
    elif isinstance(value, dict) and (tags := _tags(kind)):
        said = short(value[tags[0]]) if tags[0] in value else "missing"
        found = [f"{tags[0]!r} is {said}; one of {', '.join(tags[1:])} is expected."]
    return next(filter(None, found), "")


def _wrong_itself(name: str, value: Any, kind: Any) -> str:
    most = getattr(inspect.type_info(_without_none(kind)), "max_length", None)
    if isinstance(value, str) and most is not None and len(value) > most:
        return f"{name!r} has {len(value):,} characters; at most {most:,} are taken."
    whose = repr(name) if name else "The message"
    found = "missing" if value is None else short(value)
    return f"{whose} is {found}; {expected(kind)} is expected."


def _fits(value: Any, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind)
    except (ValidationError, RecursionError):
        return False
    return True


def _without_none(kind: Any) -> Any:
    """The kind that a field has where it has a value."""
    others = [one for one in get_args(kind) if one is not NoneType]
    return others[0] if NoneType in get_args(kind) and len(others) == 1 else kind


def _bare(kind: Any, value: Any) -> Any:
    """A kind without None and without limits; of several structs, the one that the value names."""
    kind = _without_none(kind)
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    for one in get_args(kind):
        config = getattr(one, "__struct_config__", None)
        if config and config.tag_field and isinstance(value, dict) \
                and value.get(config.tag_field) == config.tag:
            return one
    return kind


def _tags(kind: Any) -> list[str]:
    """Of several structs, the field that tells which it is, and what it may say."""
    configs = [one.__struct_config__ for one in get_args(kind)
               if hasattr(one, "__struct_config__")]
    tagged = configs and configs[0].tag_field
    return [configs[0].tag_field, *(one.tag for one in configs)] if tagged else []


def expected(kind: Any) -> str:
    """What is expected of a field of a kind, in words."""
    kind = _without_none(kind)
    if get_origin(kind) is Literal:
        return f"one of {', '.join(map(str, get_args(kind)))}"
    return _in_words(inspect.type_info(kind))


def _in_words(kind: inspect.Type) -> str:
    match kind:
        case inspect.IntType(ge=least, le=most):
            words = f"a whole number from {least or 0:,} to {most or 2**31 - 1:,}"
        case inspect.ListType(min_length=least, max_length=most):
            few = f"{least} to " if least else "at most "
            words = f"a list of {few}{most:,}" if most else "a list"
        case inspect.UnionType(types=types):
            words = " or ".join(dict.fromkeys(map(_in_words, types)))
        case _:
            words = WORDS.get(type(kind), "an object")
    return words


def short(value: Any) -> str:
    """What was found, not in full when it is long."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # of so many digits or levels that Python writes no text
        text = "too large to be shown"
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN - 3]}..."
