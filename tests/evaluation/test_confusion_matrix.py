import numpy as np
import pytest
import torch

from mmaux.evaluation.confusion_matrix import ConfusionMatrix


def test_hand_counted():
    matrix = ConfusionMatrix(("a", "b", "c"))
    matrix.add(torch.tensor([[0, 0, 1], [1, 1, 0]]), torch.tensor([[0, 1, 1], [1, 255, 0]]))
    matrix.add(torch.tensor([[[1, 0]]]), torch.tensor([[[0, 255]]]))
    assert matrix.counts.tolist() == [[2, 1, 0], [1, 2, 0], [0, 0, 0]]
    np.testing.assert_allclose(matrix.shares[:2], [[2 / 3, 1 / 3, 0], [1 / 3, 2 / 3, 0]])
    assert np.isnan(matrix.shares[2]).all()
    assert matrix.draw().std() > 20


def test_sums_are_those_of_the_iou_metric():
    generator = torch.Generator().manual_seed(0)
    matrix = ConfusionMatrix(tuple("abcd"))
    truth = torch.randint(0, 4, (3, 8, 9), generator=generator)
    found = torch.randint(0, 4, (3, 8, 9), generator=generator)
    for one, other in zip(found, truth, strict=True):
        matrix.add(one, other)
    assert matrix.counts.trace() == int((truth == found).sum())
    assert matrix.counts.sum(1).tolist() == torch.bincount(truth.flatten()).tolist()
    assert matrix.counts.sum(0).tolist() == torch.bincount(found.flatten()).tolist()


def test_unknown_ids_are_refused():
    with pytest.raises(ValueError, match=r"prediction: found class ids 0 to 2, but there are 2"):
        ConfusionMatrix(("a", "b")).add(torch.tensor([0, 2]), torch.tensor([0, 1]))
