"""Panels that show image, ground truth and prediction of every task side by side."""

from mmaux.visualization.contact_sheet import draw_contact_sheet
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
from mmaux.visualization.picture_file import write_picture

__all__ = [
    "MultiTaskVisualizer",
    "NormalPainter",
    "Painting",
    "PanelContext",
    "ScalarPainter",
    "SemSegPainter",
    "TaskPainter",
    "distinct_palette",
    "draw_contact_sheet",
    "draw_panel",
    "normals_to_rgb",
    "register_painter",
    "write_picture",
]
