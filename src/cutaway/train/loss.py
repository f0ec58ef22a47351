"""The loss: once as it is defined, and once without ever holding the whole table of logits."""

import torch
from torch.nn import functional

from cutaway.train.products import onednn_fits, product

LOGITS_AT_ONCE = 2**21  # numbers: 8 MiB, so that a piece of the logits stays in a processor's cache
LOGITS_AT_ONCE_ON_A_GPU = 2**26
LEAST_ROWS = 256        # fewer would read the token table from memory too often


def cross_entropy(logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """How surprised the model is by the true next tokens: the mean of -log(probability), in nats.

    logits  (batch position vocabulary)
    target  (batch position), ids
    """
    if logits.dtype is not torch.float64:
        logits = logits.float()  # after products in bfloat16
    return functional.cross_entropy(logits.flatten(0, 1), target.flatten())


def fused_cross_entropy(final: torch.Tensor, table: torch.Tensor, target: torch.Tensor,
                        ) -> torch.Tensor:
    """The same number and the same gradient from the table before `logits`, some rows at a time.

    The logits (final @ transpose(table)) and their loss in one: of 4,096 rows and 4,096 tokens the
    logits and their gradient would be 64 MiB each, written and read several times.

    final   (batch position embed)
    table   (vocabulary embed): the head's
    target  (batch position), ids
    """
    kind = final.device.type
    products = (torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind)
                else final.dtype)
    room = LOGITS_AT_ONCE if kind == "cpu" else LOGITS_AT_ONCE_ON_A_GPU
    rows = max(LEAST_ROWS, room // table.shape[0])
    return _FusedCrossEntropy.apply(final.flatten(0, 1), table, target.flatten(), products, rows)


class _FusedCrossEntropy(torch.autograd.Function):
    """Calculates the gradient together with the loss, while a piece of the logits is at hand.

    Source:  the gradient of the mean of -log(softmax(logits)[target]) is (softmax(logits) - one at
             the target) / rows; Wijmans et al. 2024, "Cut Your Losses in Large-Vocabulary
             Language Models", for never holding the logits.
    """

    @staticmethod
    def forward(ctx, final, table, target, products, rows):  # noqa: PLR0917 torch calls it so
        of_final, of_table = torch.empty_like(final), torch.zeros_like(table)
        total = final.new_zeros(())
        with torch.autocast(final.device.type, enabled=False):
            read_table = table.to(products)
            times = product if onednn_fits(read_table) else torch.matmul
            for start in range(0, len(final), rows):
                piece = slice(start, start + rows)
                read = final[piece].to(products)
                nats, gradient = _nats_and_gradient(times(read, read_table.T).to(final.dtype),
                                                    target[piece])
                total += nats
                gradient = gradient.to(products)
                of_final[piece] = times(gradient, read_table)
                of_table += gradient.T @ read
        ctx.save_for_backward(of_final.div_(len(final)), of_table.div_(len(final)))
        return total / len(final)

    @staticmethod
    def backward(ctx, *gradients):
        of_final, of_table = ctx.saved_tensors
        return of_final * gradients[0], of_table * gradients[0], None, None, None


def _nats_and_gradient(logits: torch.Tensor, target: torch.Tensor,
                    ) -> tuple[torch.Tensor, torch.Tensor]:
    """The summed loss of some rows, and the gradient of that sum, in the logits' own memory.

    logits  (row vocabulary), overwritten with the gradient
    target  (row), ids
    """
    target = target[:, None]
    highest, of_target = logits.amax(-1, keepdim=True), logits.gather(-1, target)
    shares = torch.softmax(logits, dim=-1, out=logits)
    # The largest share is at least 1/vocabulary, so that its logarithm loses no digits.
    log_of_sum = highest - shares.amax(-1, keepdim=True).log()
    nats = (log_of_sum - of_target).sum()
    shares.scatter_add_(-1, target, shares.new_tensor(-1).expand_as(target))
    return nats, shares
