"""Every verb that can be asked, who may ask it, and who answers.

`{"id": 7, "do": "tile", "table": "logits", "row": 0, "column": 0}` asks for a Tile. A page may ask
whatever is in `PAGE`: the server answers some itself, and passes the others on to the worker.
`INNER` is what the server alone asks of the worker. static/messages.d.ts says the same in
TypeScript; `python tools/message_types.py` writes it.
"""

from cutaway.studio.messages import check_questions as checks
from cutaway.studio.messages import lesson_questions as lessons
from cutaway.studio.messages import server_questions as server
from cutaway.studio.messages import token_questions as tokens
from cutaway.studio.messages import worker_questions as worker
from cutaway.studio.messages.question import Question, verb_of


def _verbs(*questions: type[Question]) -> dict[str, type[Question]]:
    return {verb_of(question): question for question in questions}


SERVER = _verbs(*server.VERBS, worker.Debug)
RELAYED = _verbs(*worker.RELAYED, *tokens.VERBS, *lessons.VERBS, *checks.VERBS)
INNER = _verbs(*worker.INNER)
PAGE = SERVER | RELAYED
