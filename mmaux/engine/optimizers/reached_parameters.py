"""Which parameters a loss depends on."""

from torch import Tensor, nn


def reached_parameters(loss: Tensor) -> set[nn.Parameter]:
    """The parameters to which a backward pass from ``loss`` would bring a gradient.

    Found by a walk over the autograd graph, without computing anything. Parameters that only a
    recomputed part of the network reads (``with_cp=True``) do not stand in the graph.
    """
    found: set[nn.Parameter] = set()
    seen = set()
    waiting = [loss.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        variable = getattr(node, "variable", None)
        if variable is not None:
            found.add(variable)
        waiting += [following for following, _ in node.next_functions]
    return found
