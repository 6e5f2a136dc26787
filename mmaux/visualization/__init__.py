"""Panels that show image, ground truth and prediction of every task side by side."""

from mmaux.visualization.multi_task_visualizer import MultiTaskVisualizer
from mmaux.visualization.painters import (
    NormalPainter,
    Painting,
    PanelContext,
    ScalarPainter,
    SemSegPainter,
    TaskPainter,
    normals_to_rgb,
    register_painter,
)
from mmaux.visualization.palette import distinct_palette
from mmaux.visualization.panels import draw_panel

__all__ = [
    "MultiTaskVisualizer",
    "NormalPainter",
    "Painting",
    "PanelContext",
    "ScalarPainter",
    "SemSegPainter",
    "TaskPainter",
    "distinct_palette",
    "draw_panel",
    "normals_to_rgb",
    "register_painter",
]
