"""The verbs about claims: what the sources state about GPT-2, and measuring it."""

from typing import Any

from cutaway.claims import COMMAND, SUBJECTS, Claim, Measured, in_words, is_gpt2, measured
from cutaway.studio.messages import check_questions as asked


def claims(workspace: Any, question: asked.Claims) -> dict[str, Any]:
    """Every claim, none of them measured."""
    model = workspace.model
    said = (f"{model.name} has the shape of GPT-2 small: the claims about its weights are measured "
            f"with it." if is_gpt2(model) else
            f"{model.name} is not GPT-2. What needs OpenAI's weights is measured once they are "
            f"here and open: {COMMAND}")
    return {"claims": [_line(place, title, claim)
                       for place, (title, claim) in enumerate(_in_order())], "model": said}


def claims_measure(workspace: Any, question: asked.ClaimsMeasure) -> dict[str, Any]:
    """Measures every claim, pushing each; an interrupt ends it with those that were measured."""
    in_order = _in_order()
    done = 0
    try:
        for place, one in enumerate(measured((claim for _, claim in in_order), workspace.model)):
            workspace.push({"push": "claim", "of": len(in_order),
                            **_line(place, in_order[place][0], one.claim), **_result(one)})
            done = place + 1
    except KeyboardInterrupt:
        return {"measured": done, "stopped": True}
    return {"measured": done, "stopped": False}


def _in_order() -> list[tuple[str, Claim]]:
    return [(subject.title, claim) for subject in SUBJECTS for claim in subject.claims]


def _line(place: int, title: str, claim: Claim) -> dict[str, Any]:
    return {"place": place, "item": claim.name, "mark": claim.mark, "subject": title,
            "says": claim.says, "claimed": in_words(claim.claimed), "source": claim.source,
            "how": claim.how}


def _result(one: Measured) -> dict[str, Any]:
    return {"result": one.outcome,
            "measured": one.needs if one.outcome == "needs" else in_words(one.value)}
