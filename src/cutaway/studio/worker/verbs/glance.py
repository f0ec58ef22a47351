"""The blocks at a glance: what each changes, and what would come next if the model ended there."""

from typing import TYPE_CHECKING, Any

import numpy as np

from cutaway.studio.messages import worker_questions as asked

if TYPE_CHECKING:
    from cutaway.studio.worker.workspace import Workspace

MOST_TOKENS = 24  # the newest ones: the map is narrow


def glance(workspace: "Workspace", question: asked.Glance) -> dict[str, Any]:
    """For each block the size of its change at each of the newest tokens, as a share of the
    block's largest, and the likeliest token after it.

    Source:  the logit lens, nostalgebraist 2020: a block's result put where the last one's stands
    """
    return workspace.in_main(lambda: {"blocks": _blocks(workspace)})


def _blocks(workspace: "Workspace") -> list[dict[str, Any]]:
    run, n_layer = workspace.run, workspace.model.config.n_layer
    last = f"h{n_layer - 1}.residual_after_mlp"
    changes, blocks = [], []
    for block in range(n_layer):
        before = run[f"h{block}.residual"].array[-MOST_TOKENS:]
        after = run[f"h{block}.residual_after_mlp"].array
        change = after[-MOST_TOKENS:] - before
        with np.errstate(all="ignore"):  # an edit may have made numbers too large to be squared
            size = np.linalg.norm(change, axis=-1) / (np.linalg.norm(before, axis=-1) + 1e-9)
        changes.append(np.nan_to_num(size, posinf=1.0))
        ended = run if block == n_layer - 1 else run.edit(last, after)
        shares = ended["next_probabilities"].array
        token = int(shares.argmax())
        blocks.append({"id": token, "text": workspace.model.tokenizer.text_of(token),
                       "probability": float(shares[token])})
    return [{**one, "changes": (change / (change.max() or 1.0)).tolist()}
            for one, change in zip(blocks, changes, strict=True)]


def hint(workspace: "Workspace", question: asked.Hint) -> dict[str, Any]:
    """One cell of an attention table whose change flips the prediction; empty when none is found.

    Tried are the last token's shares, block by block from the last, head by head: what would come
    next if it read nothing but one source?
    """
    return workspace.in_main(lambda: _flip(workspace))


MOST_TRIED = 150


def _flip(workspace: "Workspace") -> dict[str, Any]:
    run, config, tried = workspace.run, workspace.model.config, 0
    text_of, position = workspace.model.tokenizer.text_of, len(workspace.run.ids) - 1
    now = int(run["next_logits"].array.argmax())
    for block in reversed(range(config.n_layer)):
        name = f"h{block}.attention"
        for head in range(config.n_head):
            source = int(run[name].array[head, position].argmin())
            tried += 1
            if tried > MOST_TRIED:
                return {}
            other = run.edit(name, 1, head=head, position=position, source=source)
            token = int(other["next_logits"].array.argmax())
            if token != now:
                return {"table": name, "select": {"head": head}, "row": position, "column": source,
                        "value": 1, "before": text_of(now), "after": text_of(token)}
    return {}
