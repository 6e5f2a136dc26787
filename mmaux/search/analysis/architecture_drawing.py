"""An architecture as a picture, as in figure 4 of Liu et al. (1909.02214)."""

from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path as Curve

from mmaux.models.auxiliary.architecture import AuxiliaryArchitecture, Cell
from mmaux.utils.files import atomic_write

from .drawing_lanes import DrawingLanes

_COLUMN, _ROW, _BRANCH = 3.6, 2.7, 0.62
"""Distance of two columns, of two tasks, and of a cell's two adaptors, in drawing units."""
_WIDTH, _HEIGHT = 1.25, 0.44
"""Of an adaptor's box."""
_MAP_WIDTH, _HEAD_WIDTH = 0.9, 1.6
_STAGGER = 0.3
_INCH = 0.52
"""Inches of a drawing unit."""

_LABELS = {
    "conv1x1": "1x1",
    "conv3x3": "3x3",
    "sep_conv3x3": "sep 3x3",
    "sep_conv3x3_dil3": "sep 3x3 d3",
    "sep_conv3x3_dil6": "sep 3x3 d6",
    "skip": "skip",
    "deform_conv3x3": "deform 3x3",
}
_COLORS = {
    "conv1x1": "#c6dbef",
    "conv3x3": "#9ecae1",
    "sep_conv3x3": "#c7e9c0",
    "sep_conv3x3_dil3": "#a1d99b",
    "sep_conv3x3_dil6": "#74c476",
    "skip": "#f0f0f0",
    "deform_conv3x3": "#fdd0a2",
}
_MAP_COLORS = ("#4c72b0", "#c44e52", "#8172b3", "#937860", "#da8bc3", "#8c8c8c")
_CELL_COLORS = ("#dd8452", "#2a9d8f", "#b5179e", "#3a5a40")
_AGGREGATIONS = {"sum": "+", "concat": "‖"}
_GREY = "#d0d0d0"
_DARK = "#555555"


@dataclass(frozen=True)
class _Node:
    """Where the lines of a node begin: the column (0 of the feature maps), place and colour."""

    column: int
    x: float
    y: float
    color: str


def draw_architecture(
    architecture: AuxiliaryArchitecture, file: Path, *, title: str = "", show_dead: bool = False
) -> None:
    """Draw feature maps at the left, a row of cells for each task, and the heads at the right.

    Lines have the colour of the map or of the task that they come from.

    Args:
        architecture: The architecture.
        file: PNG file to write.
        title: Line above.
        show_dead: Whether cells that no head depends on are drawn, in grey.
    """
    drawing = _Drawing(architecture, title=title, show_dead=show_dead)
    with atomic_write(file) as stream:
        FigureCanvasAgg(drawing.figure).print_png(stream)


class _Drawing:
    def __init__(self, architecture: AuxiliaryArchitecture, *, title: str, show_dead: bool) -> None:
        self.architecture = architecture
        self.live = dict(architecture.live_cells())
        steps = max(len(cells) for _, cells in architecture.chains)
        self.height = max(_ROW * len(architecture.tasks), 1.0 * architecture.num_inputs)
        self.right = _COLUMN * (steps + 1) - 1.2
        size = (_INCH * (self.right + _HEAD_WIDTH + 1.0), _INCH * (self.height + 1.2))
        self.figure = Figure(figsize=size, dpi=150)
        self.axes: Axes = self.figure.add_axes((0.0, 0.0, 1.0, 1.0))
        self.axes.set_xlim(-0.7, self.right + _HEAD_WIDTH + 0.3)
        self.axes.set_ylim(-self.height - 0.3, 0.9)
        self.axes.set_axis_off()
        self.axes.text(self.right / 2, 0.55, title, ha="center", va="center", fontsize=9)
        drawn = [
            (task, step, cell)
            for step in range(1, steps + 1)
            for task, cells in architecture.chains
            for cell in cells[step - 1 : step]
            if show_dead or f"{task}.{step}" in self.live
        ]
        blocked: dict[int, list[tuple[float, float]]] = {}
        for task, step, _ in drawn:
            y = self._y(task, step)
            blocked.setdefault(step, []).append((y - _BRANCH - 0.25, y + _BRANCH))
        self.lanes = DrawingLanes(blocked, (-self.height - 0.2, 0.2))
        self.nodes: dict[str, _Node] = {}
        self._draw_maps()
        for task, step, cell in drawn:
            self._draw_cell(task, step, cell)
        for task, output in architecture.outputs.items():
            node, y = self.nodes[output], self._y(task)
            self._line(node, (steps + 1, self.right, y))
            self._box(self.right, y, task, edge=node.color, width=_HEAD_WIDTH, weight="bold")

    def _y(self, task: str, step: int | None = None) -> float:
        """Height of a task's row; neighbouring columns are a little higher and lower."""
        tasks = self.architecture.tasks
        middle = -self.height * (tasks.index(task) + 0.5) / len(tasks)
        return middle if step is None else middle + (_STAGGER if step % 2 else -_STAGGER)

    def _draw_maps(self) -> None:
        count = self.architecture.num_inputs
        for index in range(count):
            color = _MAP_COLORS[index % len(_MAP_COLORS)]
            y = -self.height * (index + 0.5) / count
            self.nodes[f"O{index + 1}"] = _Node(0, _MAP_WIDTH / 2, y, color)
            self._box(-_MAP_WIDTH / 2, y, f"$O_{index + 1}$", edge=color, width=_MAP_WIDTH)

    def _draw_cell(self, task: str, step: int, cell: Cell) -> None:
        grey = None if f"{task}.{step}" in self.live else _GREY
        row = self.architecture.tasks.index(task)
        color = grey or _CELL_COLORS[row % len(_CELL_COLORS)]
        y, left = self._y(task, step), _COLUMN * step - 1.55
        end = left + _WIDTH + 0.75
        # The input that comes from higher up goes to the upper adaptor: fewer lines cross.
        branches = list(zip(cell.inputs, cell.adaptors, strict=True))
        branches.sort(key=lambda branch: -self.nodes[branch[0]].y)
        for sign, (name, adaptor) in zip((0.5, -0.5), branches, strict=True):
            level = y + sign * _BRANCH
            self._line(self.nodes[name], (step, left, level), grey=grey)
            self._box(
                left,
                level,
                _LABELS[adaptor],
                fill="white" if grey else _COLORS[adaptor],
                edge=grey or _DARK,
                text=grey or "black",
            )
            self.axes.plot((left + _WIDTH, end - 0.21), (level, y), color=grey or _DARK, lw=0.9)
        circle = {"boxstyle": "circle,pad=0.18", "fc": "white", "ec": color, "lw": 1.3}
        self._text(end, y, _AGGREGATIONS[cell.aggregation], grey or "black", size=8, bbox=circle)
        self._text(left + _WIDTH / 2, y - _BRANCH - 0.06, f"{task} {step}", grey or _DARK, size=6)
        self.nodes[f"{task}.{step}"] = _Node(step, end + 0.21, y, color)

    def _line(self, node: _Node, to: tuple[int, float, float], *, grey: str | None = None) -> None:
        """A line that leaves and arrives horizontally, and passes columns between their cells."""
        column, x, y = to
        points, codes = [(node.x, node.y)], [Curve.MOVETO]

        def bend(end_x: float, end_y: float) -> None:
            start_y, middle = points[-1][1], 0.5 * (points[-1][0] + end_x)
            points.extend([(middle, start_y), (middle, end_y), (end_x, end_y)])
            codes.extend([Curve.CURVE4] * 3)

        for passed in range(node.column + 1, column):
            share = (passed - node.column) / (column - node.column)
            height = self.lanes.take(passed, node.y + share * (y - node.y))
            bend(_COLUMN * passed - 1.75, height)
            points.append((_COLUMN * passed + 0.75, height))
            codes.append(Curve.LINETO)
        bend(x, y)
        self.axes.add_patch(
            FancyArrowPatch(
                path=Curve(points, codes),
                arrowstyle="-|>",
                mutation_scale=7,
                color=grey or node.color,
                lw=1.1,
                zorder=0 if grey else 1,
            )
        )

    def _box(
        self,
        left: float,
        y: float,
        label: str,
        *,
        edge: str,
        fill: str = "white",
        text: str = "black",
        width: float = _WIDTH,
        weight: str = "normal",
    ) -> None:
        corner, pad = (left + 0.06, y - _HEIGHT / 2 + 0.06), "round,pad=0.06"
        box = FancyBboxPatch(
            corner, width - 0.12, _HEIGHT - 0.12, boxstyle=pad, fc=fill, ec=edge, zorder=3
        )
        self.axes.add_patch(box)
        self._text(left + width / 2, y, label, text, size=6.5, weight=weight)

    def _text(
        self,
        x: float,
        y: float,
        text: str,
        color: str,
        *,
        size: float,
        weight: str = "normal",
        bbox: dict[str, object] | None = None,
    ) -> None:
        self.axes.text(
            x,
            y,
            text,
            ha="center",
            va="center",
            fontsize=size,
            color=color,
            weight=weight,
            bbox=bbox,
            zorder=4,
        )
