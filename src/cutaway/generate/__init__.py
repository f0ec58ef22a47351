"""From logits to text: how the next token is chosen, and the loop that appends it."""

from cutaway.generate.distribution import Distribution, Row, distribution
from cutaway.generate.generate import Token, generate, generate_text
from cutaway.generate.sampling import GREEDY, Sampling
from cutaway.generate.stages import MODEL_SAYS, STAGES, Stage, shares_shown, stages_shown

__all__ = ["GREEDY", "MODEL_SAYS", "STAGES", "Distribution", "Row", "Sampling", "Stage", "Token",
           "distribution", "generate", "generate_text", "shares_shown", "stages_shown"]
