import numpy as np
import pytest

from mmaux.visualization import Painting, TaskPainter, register_painter
from mmaux.visualization.painters import ScalarPainter, painter_of, registered_fields


class RedPainter(TaskPainter):
    def paint(self, maps, context):
        red = np.zeros((*context.size, 3), np.uint8)
        red[..., 0] = 255
        return Painting(title="red", pictures=dict.fromkeys(maps, red))


def test_the_three_tasks_are_registered_in_order():
    assert registered_fields() == ("sem_seg", "depth_map", "normal_map")


def test_a_fourth_task_registers_its_own():
    painter = RedPainter()
    register_painter("saliency_map", painter)
    assert painter_of("saliency_map") is painter
    assert registered_fields()[-1] == "saliency_map"


def test_unknown_fields_are_grey():
    painter = painter_of("part_edge_map")
    assert isinstance(painter, ScalarPainter)
    assert (painter.title, painter.cmap) == ("part edge", "gray")


def test_prefix_and_class_in_place_of_object_are_refused():
    with pytest.raises(ValueError, match=r"'gt_edge_map'.*'edge_map'"):
        register_painter("gt_edge_map", RedPainter())
    with pytest.raises(TypeError, match="object of a TaskPainter subclass"):
        register_painter("edge_map", RedPainter)
