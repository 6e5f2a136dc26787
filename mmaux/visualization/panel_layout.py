"""Where things stand in a panel, in pixels from its upper left corner."""

from dataclasses import dataclass

_MARGIN = 10
_GAP = 8
_HEADER = 28
_ROW_LABEL = 24
_LEGEND = 52
_KEY_WIDTH = 220


@dataclass(frozen=True)
class Box:
    """A rectangle of pixels.

    Attributes:
        left: First column.
        top: First row.
        width: Number of columns.
        height: Number of rows.
    """

    left: int
    top: int
    width: int
    height: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns of the box in an array (H, W, ...)."""
        return (
            slice(self.top, self.top + self.height),
            slice(self.left, self.left + self.width),
        )


@dataclass(frozen=True)
class PanelLayout:
    """Grid of cells with a row of titles above, legends below and a key for colours.

    Column 0 holds the image in the first row. With several rows the key has the place below it;
    with one row it is a narrow column at the right.

    Attributes:
        cell: Height and width of a cell.
        num_rows: Number of rows.
        num_columns: Number of columns, the image included.
    """

    cell: tuple[int, int]
    num_rows: int
    num_columns: int

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the panel."""
        last = self.legend(self.num_columns - 1)
        right = self.key.left + self.key.width if self.num_rows == 1 else last.left + last.width
        return last.top + last.height + _MARGIN, right + _MARGIN

    def picture(self, row: int, column: int) -> Box:
        """Cell of the grid."""
        height, width = self.cell
        return Box(
            left=_MARGIN + column * (width + _GAP) + (_ROW_LABEL if column else 0),
            top=_MARGIN + _HEADER + row * (height + _GAP),
            width=width,
            height=height,
        )

    def title(self, column: int) -> Box:
        """Place above a column."""
        first = self.picture(0, column)
        return Box(first.left, _MARGIN, first.width, _HEADER)

    def row_label(self, row: int) -> Box:
        """Place left of a row's maps, right of the image."""
        image = self.picture(row, 0)
        return Box(image.left + image.width + _GAP // 2, image.top, _ROW_LABEL, image.height)

    def legend(self, column: int) -> Box:
        """Place below a column."""
        last = self.picture(self.num_rows - 1, column)
        return Box(last.left, last.top + last.height + _GAP // 2, last.width, _LEGEND)

    @property
    def key(self) -> Box:
        """Place of the key of colours."""
        if self.num_rows == 1:
            last = self.picture(0, self.num_columns - 1)
            left = last.left + last.width + _GAP
            return Box(left, last.top, _KEY_WIDTH, last.height + _GAP // 2 + _LEGEND)
        below, last = self.picture(1, 0), self.legend(0)
        return Box(below.left, below.top, below.width, last.top + last.height - below.top)
