"""Painters: one object a kind of map."""

from mmaux.visualization.painters.base_painter import (
    Painting,
    PanelContext,
    TaskPainter,
    hatch,
    mark_invalid,
    resize_nearest,
)
from mmaux.visualization.painters.normal_painter import NormalPainter, normals_to_rgb
from mmaux.visualization.painters.registered import (
    painter_of,
    register_painter,
    registered_fields,
)
from mmaux.visualization.painters.scalar_painter import ColorBar, ScalarPainter
from mmaux.visualization.painters.sem_seg_painter import SemSegPainter

__all__ = [
    "ColorBar",
    "NormalPainter",
    "Painting",
    "PanelContext",
    "ScalarPainter",
    "SemSegPainter",
    "TaskPainter",
    "hatch",
    "mark_invalid",
    "normals_to_rgb",
    "painter_of",
    "register_painter",
    "registered_fields",
    "resize_nearest",
]
