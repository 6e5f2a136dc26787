import pytest
import torch

from mmaux.conflicts import LayerConflicts, PairConflict, advise, summarize_layer


def test_numbers_by_hand():
    # Cosines 0 and -1 of a and b, then b without a label; norms 3, 1, 2 and 4, 2.
    gradients = [
        torch.tensor([[3.0, 0.0], [0.0, 4.0]]),
        torch.tensor([[1.0, 0.0], [-2.0, 0.0]]),
        torch.tensor([[2.0, 0.0], [0.0, 0.0]]),
    ]
    layer = summarize_layer("layer", gradients, ["a", "b"])
    assert layer.norms == {"a": 2.0, "b": 3.0}
    assert layer.imbalance == 1.5
    (pair,) = layer.pairs
    assert (pair.tasks, pair.batches, pair.opposed, pair.cosine) == (("a", "b"), 2, 0.5, -0.5)
    # Standard deviation of 0 and -1 over sqrt(2), times t of one degree of freedom.
    reach = 12.7062047 * (0.5**0.5) / 2**0.5
    assert (pair.low, pair.high) == (pytest.approx(-0.5 - reach), pytest.approx(-0.5 + reach))
    assert not pair.conflicts


def test_one_batch_has_no_interval_and_no_gradient_no_pair():
    layer = summarize_layer("x", [torch.tensor([[1.0], [-1.0], [0.0]])], ["a", "b", "c"])
    assert [pair.tasks for pair in layer.pairs] == [("a", "b")]
    assert layer.pairs[0].cosine == -1
    assert layer.pairs[0].high is None
    assert not layer.pairs[0].conflicts
    assert layer.norms["c"] == 0
    assert layer.imbalance == 1


def layer(name, *, norms=(1.0, 1.0), high=0.3):
    pair = PairConflict(("a", "b"), high - 0.1, high - 0.2, high, 0.5, 9)
    return LayerConflicts(name, dict(zip("ab", norms, strict=True)), (pair,))


def test_what_is_suggested():
    fine = layer("one")
    assert advise([fine]) == [
        "Neither badly scaled nor opposed on the whole: the sum of the losses is a good start."
    ]
    uneven = layer("two", norms=(0.1, 0.6))
    (text,) = advise([fine, uneven, uneven])
    assert text.startswith("Badly scaled: in the median layer the largest gradient is 6.0 times")
    assert "(b has the largest in two)" in text
    opposed = layer("three", high=-0.01)
    (text,) = advise([fine, opposed])
    assert text.startswith("Opposed: a and b pull against each other in 1 of 2 layers.")
    assert advise([fine, fine, opposed]) == advise([fine])
    assert len(advise([layer("four", norms=(1.0, 9.0), high=-0.1)])) == 2
