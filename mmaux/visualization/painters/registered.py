"""Which painter paints which data field."""

from mmaux.visualization.painters.base_painter import TaskPainter
from mmaux.visualization.painters.normal_painter import NormalPainter
from mmaux.visualization.painters.scalar_painter import ScalarPainter
from mmaux.visualization.painters.sem_seg_painter import SemSegPainter

# Keys are fields without gt_ and pred_; their order is that of the columns.
_PAINTERS: dict[str, TaskPainter] = {
    "sem_seg": SemSegPainter(),
    "depth_map": ScalarPainter(
        "depth", unit="m", cmap="viridis", percentiles=(0.5, 99.5), positive=True
    ),
    "normal_map": NormalPainter(),
}


def register_painter(field: str, painter: TaskPainter) -> None:
    """Let a painter paint a data field, in place of any that did before.

    Args:
        field: Name of the field of a data sample without ``gt_`` or ``pred_``, for example
            ``edge_map`` for ``gt_edge_map`` and ``pred_edge_map``.
        painter: The painter.

    Raises:
        ValueError: If the field still has its prefix.
        TypeError: If ``painter`` is not a :class:`TaskPainter` object.
    """
    if field.startswith(("gt_", "pred_")):
        raise ValueError(
            f"field is {field!r}; expected the name without its prefix, "
            f"{field.partition('_')[2]!r}: one painter serves ground truth and prediction."
        )
    if not isinstance(painter, TaskPainter):
        raise TypeError(f"painter is {painter!r}; expected an object of a TaskPainter subclass.")
    _PAINTERS[field] = painter


def registered_fields() -> tuple[str, ...]:
    """Fields with a painter of their own, in the order of a panel's columns."""
    return tuple(_PAINTERS)


def painter_of(field: str) -> TaskPainter:
    """Painter of a field; grey with a colour bar for one that nobody registered."""
    return _PAINTERS.get(field) or ScalarPainter(field.removesuffix("_map").replace("_", " "))
