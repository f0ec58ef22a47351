"""Cells run again when what they read has changed: never too few, and code never unasked."""

import pytest

from cutaway.errors import CodeError
from cutaway.scratch import Cell


def ids(results):
    """The cells that came up, in order."""
    return [result.cell for result in results]


def states(scratch):
    return {id: result.state for id, result in scratch.results.items()}



# ---- Staleness -------------------------------------------------------------------------------


def test_a_formula_that_reads_a_changed_table_is_calculated_again(scratch, run):
    scratch.formula("head", "h3.attention[1].sum()")
    scratch.formula("other", "h2.attention[1].sum()")
    assert ids(scratch.use(run.edit("h3.attention", 0, head=1))) == ["head"]
    assert scratch["head"] == 0
    assert (scratch.results["head"].count, scratch.results["other"].count) == (2, 1)


def test_formulas_are_calculated_again_in_the_order_of_their_reading(scratch, run):
    scratch.put([Cell("c1", "formula", "third", "second + 1"),
                 Cell("c2", "formula", "second", "first + 1"),
                 Cell("c3", "formula", "first", "h3.attention[1].sum()")])
    list(scratch.calculate("c1"))
    assert ids(scratch.use(run.edit("h3.attention", 0, head=1))) == ["c3", "c2", "c1"]
    assert scratch["third"] == 2


def test_code_that_reads_a_changed_table_is_marked_and_not_run(scratch, run, capsys):
    scratch.code("one", "total = h3.attention[1].sum()\nprint('ran')")
    capsys.readouterr()
    marked = list(scratch.use(run.edit("h3.attention", 0, head=1)))
    assert [(one.cell, one.state) for one in marked] == [("one", "stale")]
    assert marked[0].message == "What it reads has changed since it ran: h3.attention."
    assert capsys.readouterr().out == ""


def test_a_formula_behind_stale_code_waits_for_it(scratch, run):
    scratch.code("one", "total = h3.attention[1].sum()")
    scratch.formula("twice", "total * 2")
    assert ids(scratch.use(run.edit("h3.attention", 0, head=1))) == ["one", "twice"]
    assert states(scratch) == {"one": "stale", "twice": "stale"}
    assert ids(scratch.calculate("one")) == ["one", "twice"]
    assert states(scratch) == {"one": "done", "twice": "done"}
    assert scratch["twice"] == 0


def test_running_a_cell_behind_stale_code_does_not_make_it_fresh(scratch, run):
    scratch.code("one", "total = h3.attention[1].sum()")
    scratch.formula("twice", "total * 2")
    list(scratch.use(run.edit("h3.attention", 0, head=1)))
    list(scratch.calculate("twice"))
    assert scratch.results["twice"].state == "stale"
    assert scratch.results["twice"].message == ("It reads one (cell 1), which has to run again "
                                                "first.")


def test_running_code_makes_other_code_that_reads_it_stale(scratch):
    scratch.code("one", "total = 1")
    scratch.code("two", "more = total + 1")
    list(scratch.calculate("one"))
    assert states(scratch) == {"one": "done", "two": "stale"}


@pytest.mark.parametrize("source", [
    'run["h3.attention"].array.sum()', "run[''.join(['h3.', 'attention'])].array.sum()",
    "getattr(h3, 'attention').sum()", "next_logits.max()", "run",
])
def test_every_way_to_read_a_table_is_seen(scratch, run, source):
    scratch.formula("one", source)
    assert ids(scratch.use(run.edit("h3.attention", 0, head=1))) == ["one"]


@pytest.mark.parametrize("source", ['embedding(" king")', 'nearest(" king")'])
def test_looking_up_an_embedding_reads_wte(scratch, run, source):
    scratch.formula("one", source)
    assert ids(scratch.use(run.edit("h3.attention", 0, head=1))) == []
    assert ids(scratch.use(run.edit("wte", 0, vocabulary=5))) == ["one"]


def test_an_operation_that_is_redefined_makes_its_readers_run_again(scratch, run):
    def gelu(table):
        return table * 0

    scratch.formula("one", "gelu(np.ones(3)).sum()")
    scratch.formula("two", "sqrt(4)")
    assert ids(scratch.use(run.redefine(gelu))) == ["one"]
    assert scratch["one"] == 0


def test_another_prompt_reaches_the_formulas(scratch, run):
    scratch.formula("many", "ids.shape[0]")
    list(scratch.use(run.edit("prompt", "One day")))
    assert scratch["many"] == 2


def test_undoing_a_change_brings_the_numbers_back(scratch, run):
    before = scratch.formula("head", "h3.attention[1].sum()")
    list(scratch.use(run.edit("h3.attention", 0, head=1)))
    list(scratch.use(run))
    assert scratch["head"] == before


def test_a_cell_that_never_ran_is_left_alone(scratch, run):
    scratch.put([Cell("c1", "formula", "head", "h3.attention[1].sum()")])
    assert ids(scratch.use(run.edit("h3.attention", 0, head=1))) == []


def test_an_error_reaches_the_formulas_that_read_the_cell(scratch):
    scratch.put([Cell("c1", "formula", "first", "1"), Cell("c2", "formula", "second", "first + 1")])
    list(scratch.calculate("c2"))
    scratch.put([Cell("c1", "formula", "first", "1 / 0"), scratch.cells["c2"]])
    list(scratch.calculate("c1"))
    assert scratch.results["c2"].message == (
        "NameError: name 'first' is not defined. It is made by first (cell 1), which has an error.")
    scratch.put([Cell("c1", "formula", "first", "2"), scratch.cells["c2"]])
    list(scratch.calculate("c1"))
    assert scratch["second"] == 3


# ---- Order -----------------------------------------------------------------------------------


def test_a_formula_takes_those_behind_it_along(scratch):
    scratch.put([Cell("c1", "formula", "second", "first + 1"), Cell("c2", "formula", "first", "1")])
    assert ids(scratch.calculate("c1")) == ["c2", "c1"]
    assert scratch["second"] == 2


def test_code_behind_a_cell_is_not_run_unasked(scratch):
    scratch.put([Cell("c1", "code", "make", "total = 1"),
                 Cell("c2", "formula", "twice", "total * 2")])
    list(scratch.calculate("c2"))
    assert scratch.results["c2"].message == (
        "NameError: name 'total' is not defined. It is made by make (cell 1), which has not run "
        "yet.")


def test_formulas_in_a_circle_are_named(scratch):
    scratch.put([Cell("c1", "formula", "hen", "egg + 1"), Cell("c2", "formula", "egg", "hen + 1")])
    list(scratch.calculate("c1"))
    assert scratch.results["c1"].message == (
        "hen, which reads egg, which reads hen: these formulas go in a circle. One of them has to "
        "do without the others.")


def test_a_formula_that_reads_itself_is_a_circle(scratch):
    with pytest.raises(CodeError, match="hen, which reads hen"):
        scratch.formula("hen", "hen + 1")


def test_a_circle_that_is_opened_is_calculated(scratch):
    scratch.put([Cell("c1", "formula", "hen", "egg + 1"), Cell("c2", "formula", "egg", "hen + 1")])
    list(scratch.calculate("c1"))
    scratch.put([scratch.cells["c1"], Cell("c2", "formula", "egg", "1")])
    list(scratch.calculate("c2"))
    assert scratch["hen"] == 2


def test_run_to_here_runs_what_stands_above_and_not_below(scratch):
    scratch.put([Cell(f"c{place}", "code", "", f"print({place})\nlast = {place}")
                 for place in range(1, 5)])
    assert ids(scratch.calculate_all(until="c3")) == ["c1", "c2", "c3"]
    assert scratch["last"] == 3


def test_running_all_ends_at_the_first_error(scratch):
    scratch.put([Cell("c1", "code", "", "a = 1"), Cell("c2", "code", "", "1 / 0"),
                 Cell("c3", "code", "", "b = 1")])
    list(scratch.calculate_all())
    assert states(scratch) == {"c1": "done", "c2": "error"}


# ---- Writing ---------------------------------------------------------------------------------


def test_a_cell_that_was_changed_is_stale_and_so_is_what_reads_it(scratch):
    scratch.put([Cell("c1", "formula", "first", "1"), Cell("c2", "formula", "second", "first + 1")])
    list(scratch.calculate("c2"))
    told = scratch.put([Cell("c1", "formula", "first", "5"), scratch.cells["c2"]])
    assert [(one.cell, one.state) for one in told] == [("c1", "stale"), ("c2", "stale")]
    assert told[0].message == "It was changed after it ran."
    assert ids(scratch.calculate("c2")) == ["c1", "c2"]
    assert scratch["second"] == 6


def test_a_changed_formula_waits_until_it_is_run(scratch, run):
    scratch.put([Cell("c1", "formula", "first", "h3.attention.sum()")])
    list(scratch.calculate("c1"))
    scratch.put([Cell("c1", "formula", "first", "h3.attention.su")])
    list(scratch.use(run.edit("h3.attention", 0, head=1)))
    assert scratch.results["c1"].state == "stale"


def test_moving_a_cell_changes_nothing(scratch):
    cells = [Cell("c1", "formula", "first", "1"), Cell("c2", "formula", "second", "first + 1")]
    scratch.put(cells)
    list(scratch.calculate("c2"))
    assert scratch.put(cells[::-1]) == []
    assert states(scratch) == {"c1": "done", "c2": "done"}


def test_what_a_deleted_cell_made_is_gone(scratch):
    cells = [Cell("c1", "code", "", "total = 1"), Cell("c2", "formula", "twice", "total * 2")]
    scratch.put(cells)
    list(scratch.calculate_all())
    scratch.put(cells[1:])
    assert scratch.space.made() == ["twice"]
    assert states(scratch) == {"c2": "stale"}


def test_a_cell_under_another_name_is_found_under_that_name(scratch):
    scratch.put([Cell("c1", "formula", "first", "1")])
    list(scratch.calculate("c1"))
    scratch.put([Cell("c1", "formula", "other", "1")])
    list(scratch.calculate("c1"))
    assert scratch.space.made() == ["other"]


# ---- Interrupts ------------------------------------------------------------------------------


def test_an_interrupt_passes_through_and_the_result_says_so(scratch):
    scratch.put([Cell("c1", "code", "", "a = 1\nraise KeyboardInterrupt")])
    with pytest.raises(KeyboardInterrupt):
        list(scratch.calculate("c1"))
    result = scratch.results["c1"]
    assert (result.state, result.message, result.line) == ("error", "It was stopped before its "
                                                           "end.", 2)


def test_after_an_interrupt_what_reads_the_cell_is_stale(scratch):
    cells = [Cell("c1", "code", "", "first = 1"), Cell("c2", "formula", "second", "first + 1")]
    scratch.put(cells)
    list(scratch.calculate_all())
    scratch.put([Cell("c1", "code", "", "first = 2\nraise KeyboardInterrupt"), cells[1]])
    with pytest.raises(KeyboardInterrupt):
        list(scratch.calculate("c1"))
    assert states(scratch) == {"c1": "error", "c2": "stale"}


def test_an_interrupt_while_formulas_follow_leaves_the_rest_stale(scratch):
    scratch.put([Cell("c1", "code", "", "def stop(size):\n    if size > 1:\n"
                                        "        raise KeyboardInterrupt\nsize = 1"),
                 Cell("c2", "formula", "first", "stop(size)"),
                 Cell("c3", "formula", "second", "size * 2"),
                 Cell("c4", "formula", "third", "second * 2")])
    list(scratch.calculate_all())
    with pytest.raises(KeyboardInterrupt):
        list(scratch.evaluate("size = 2")[1])
    assert scratch.results["c2"].state == "error"
    assert {scratch.results["c3"].state, scratch.results["c4"].state} == {"stale"}
