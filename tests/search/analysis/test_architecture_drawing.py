import cv2
import numpy as np
import pytest

from mmaux.models.auxiliary.architecture import AuxiliaryArchitecture, Cell
from mmaux.search.analysis.architecture_drawing import draw_architecture

SKIP, DEFORMABLE, DEAD = (240, 240, 240), (253, 208, 162), (208, 208, 208)


def drawn(architecture, file, **options):
    draw_architecture(architecture, file, **options)
    return cv2.imread(str(file))[..., ::-1].astype(int)


def area(picture, color):
    return int((np.abs(picture - color).max(-1) <= 1).sum())


@pytest.fixture
def architecture():
    """Two cells a task, of which depth's first is dead and deformable."""
    dead = Cell(("O1", "O2"), ("deform_conv3x3", "deform_conv3x3"), "sum")
    last = Cell(("O1", "semseg.1"), ("conv1x1", "skip"), "concat")
    first = Cell(("O2", "O1"), ("skip", "conv1x1"), "sum")
    return AuxiliaryArchitecture(2, (("semseg", (first, last)), ("depth", (dead, last))))


def test_what_is_drawn(architecture, tmp_path):
    picture = drawn(architecture, tmp_path / "a.png")
    assert area(picture, DEFORMABLE) == 0, "dead cells are left out"
    dead = drawn(architecture, tmp_path / "b.png", show_dead=True)
    assert area(dead, DEFORMABLE) == 0, "they are grey"
    assert area(dead, DEAD) > 4 * area(picture, DEAD)
    # Three adaptors are skips; an architecture with another one has as much more of their colour.
    cell = Cell(("O1", "semseg.1"), ("skip", "skip"), "concat")
    (_, semseg), (_, (first, _)) = architecture.chains
    more = AuxiliaryArchitecture(2, (("semseg", semseg), ("depth", (first, cell))))
    three, four = (area(drawn(x, tmp_path / "c.png"), SKIP) for x in (architecture, more))
    assert four / three == pytest.approx(4 / 3, rel=0.05)


def test_a_row_a_task_and_a_column_a_step(tmp_path):
    sizes = {}
    for tasks, inputs in ((1, 3), (2, 3), (3, 3), (2, 5)):
        names = ("semseg", "depth", "normal")[:tasks]
        basic = AuxiliaryArchitecture.basic(num_inputs=inputs, tasks=names)
        sizes[tasks, inputs] = drawn(basic, tmp_path / "a.png").shape
    assert sizes[3, 3][0] > sizes[2, 3][0] > sizes[1, 3][0]
    assert sizes[3, 3][1] == sizes[2, 3][1] < sizes[2, 5][1]
