import random

import pytest
from small_search import SPACE, record

from mmaux.models.auxiliary.architecture import AuxiliaryArchitecture, Cell
from mmaux.search.analysis.operation_shares import adaptor_shares, share_change


def test_dead_cells_do_not_count():
    dead = Cell(("O1", "O1"), ("skip", "skip"), "sum")
    last = Cell(("O1", "O2"), ("skip", "conv1x1"), "sum")
    other = Cell(("depth.1", "O2"), ("sep_conv3x3", "conv1x1"), "sum")
    shares = adaptor_shares(AuxiliaryArchitecture(2, (("depth", (dead, last)),)))
    assert (shares["skip"], shares["conv1x1"], sum(shares.values())) == (0.5, 0.5, 1)
    shares = adaptor_shares(AuxiliaryArchitecture(2, (("depth", (dead, other)),)))
    assert (shares["skip"], shares["conv1x1"], shares["conv3x3"]) == (0.5, 0.25, 0)


def test_a_share_that_falls():
    generator = random.Random(0)
    skip = SPACE.adaptors.index("skip")

    def draw(number):
        """Skips in the first half only."""
        while True:
            sequence = SPACE.sample(generator)
            adaptors = [sequence[i + j] for i in range(0, len(sequence), 5) for j in (2, 3)]
            if number < 15 or skip not in adaptors:
                return sequence

    candidates = record([0.5] * 30, sequences=[draw(i) for i in range(30)]).proposals
    change = share_change(candidates, "skip")
    shares = [adaptor_shares(c.architecture)["skip"] for c in candidates]
    assert change.first == pytest.approx(sum(shares[:10]) / 10)
    assert change.second == 0 < change.first
    assert change.high < 0
    assert share_change(candidates[:2], "skip") is None
