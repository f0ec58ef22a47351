"""What the debugger shows of a pause: locals as tables, and watched expressions."""

from tests.studio.a_worker import Started, local, promise, stands


@promise
async def test_locals_are_shown_as_tables():
    async with Started() as started:
        job = started.begin("import numpy\n"
                            "def look():\n"
                            "  vector = numpy.array([1.5, -2, float('inf')])\n"
                            "  many = numpy.arange(10_000).reshape(2, 50, 100)\n"
                            "  nothing = numpy.zeros((0, 4))\n"
                            "  single = numpy.float32(0.1)\n"
                            "  flags = numpy.array([[True, False]])\n"
                            "  words = numpy.array(['a'])\n"
                            "  text = 'x' * 1000\n"
                            "  _hidden, module = 1, numpy\n"
                            "  breakpoint()\n"
                            "look()")
        pause = await started.until_paused()
        assert [row["name"] for row in pause["locals"]] == [
            "vector", "many", "nothing", "single", "flags", "words", "text"]
        vector, many = local(pause, "vector"), local(pause, "many")
        assert (vector["shape_words"], vector["rows"]) == ("3", [[1.5, -2.0, "inf"]])
        assert (vector["lowest"], vector["largest"]) == (-2.0, "inf")
        assert (many["shape_words"], many["lowest"], many["largest"]) == ("2 x 50 x 100", 0, 9999)
        assert len(many["rows"]) == 12 and many["rows"][1] == list(range(100, 112))
        assert local(pause, "nothing")["shape_words"] == "0 x 4"
        assert local(pause, "single") == {"name": "single", "text": "0.1"}
        assert local(pause, "flags")["rows"] == [[True, False]]
        assert "rows" not in local(pause, "words")
        assert len(local(pause, "text")["text"]) <= 160
        await started.command("continue")
        await job


@promise
async def test_a_value_that_cannot_be_shown_does_no_harm():
    async with Started() as started:
        job = started.begin("class Odd:\n  shape = property(lambda self: 1 / 0)\n"
                            "  def __repr__(self): raise OSError('no')\n"
                            "  def __array__(self): return 1 / 0\n"
                            "  __class__ = property(lambda self: 1 / 0)\n"
                            "odd, huge, nan = Odd(), 10 ** 10_000, [float('nan')]\n"
                            "me = []\nme.append(me)\nbreakpoint()")
        pause = await started.until_paused()
        assert "Odd" in local(pause, "odd")["text"]
        assert {row["name"] for row in pause["locals"]} >= {"odd", "huge", "nan", "me"}
        await started.command("continue")
        await job


@promise
async def test_an_expression_is_watched_in_the_paused_frame_and_its_error_is_a_text():
    async with Started() as started:
        job = started.begin("def look(rows, limit):\n  breakpoint()\n  limit = 3\n  return limit\n"
                            "look([1, 2, 3, 4], 1)")
        await started.until_paused()
        watch = ["[row for row in rows if row > limit]", "missing", "1 +", "1 / 0"]
        await started.command("watch", watch=watch)
        pause = await started.until_paused(2)
        assert stands(pause) == ("<cell c1>", "look", 2)
        assert [(row["text"], row["error"]) for row in pause["watch"]] == [
            ("[2, 3, 4]", False), ("NameError: name 'missing' is not defined", True),
            ("SyntaxError: invalid syntax (<watch>, line 1)", True),
            ("ZeroDivisionError: division by zero", True)]
        await started.goes("next")
        pause = await started.goes("next")
        assert pause["watch"][0]["text"] == "[4]"
        await started.command("continue")
        await job


@promise
async def test_a_watched_expression_stops_nowhere_and_can_be_interrupted():
    async with Started() as started:
        job = started.begin("from cutaway.workbook.operations import gelu\nimport numpy\n"
                            "def endless():\n  while True: pass\n"
                            "def stops():\n  breakpoint()\n  return 3\n"
                            "table = numpy.zeros(2)\nbreakpoint()\nresult = 1")
        await started.until_paused()
        await started.command("watch", watch=["gelu(table)", "stops()", "print('looked')"])
        pause = await started.until_paused(2)
        assert [row["text"] for row in pause["watch"]] == ["array([0., 0.])", "3", "None"]
        await started.command("watch", watch=["print('begun') or endless()"])
        await started.until_printed("begun")
        started.worker.interrupt()
        pause = await started.until_paused(3)
        assert pause["watch"][0] == {
            "name": "print('begun') or endless()", "text": "Interrupted.", "error": True}
        await started.command("continue")
        assert await job == {"result": 1}
