"""The verb that compares every table with Hugging Face's implementation."""

import math
from typing import Any

from cutaway.studio.messages import check_questions as asked


def verify(workspace: Any, question: asked.Verify) -> dict[str, Any]:
    """Compares every table of the run, edits and all, pushing each; an interrupt ends it.

    Raises:  MissingExtra, SettingError
    """
    from cutaway.verify import verified

    run = workspace.run
    tables: list[dict[str, Any]] = []
    stopped = False
    try:
        for one in verified(workspace.model, run):
            told = {"table": one.table, "outcome": one.outcome, "limit": one.limit,
                    "difference": one.difference if math.isfinite(one.difference) else None}
            tables.append(told)
            workspace.push({"push": "verified", "of": len(run.book.nodes), **told})
    except KeyboardInterrupt:
        stopped = True
    return {"tables": tables, "stopped": stopped}
