"""Beds."""

import numpy as np

from ..part import Part, moved, rotation_about_x
from ..shapes import box, rounded_box, sheet
from ..theme import Theme, hsv, paint
from .piece import Piece


def build_bed(rng: np.random.Generator, theme: Theme) -> Piece:
    """A bed with frame, headboard, mattress, blanket and pillows; its head is at the wall."""
    width = float(rng.choice([0.9, 1.2, 1.4, 1.6, 1.8]))
    length, frame_top = rng.uniform(1.9, 2.1), rng.uniform(0.24, 0.38)
    thick = rng.uniform(0.15, 0.26)
    wood = theme.furniture(rng) if rng.uniform() < 0.7 else theme.textile(rng, patterned=0)
    white = paint(rng, hsv(rng.uniform(), rng.uniform(0, 0.15), rng.uniform(0.8, 0.95)))
    y0 = 0.06
    total = length + 0.12
    head = rng.uniform(0.75, 1.25)
    parts: list[Part] = [
        box((width + 0.06, 0.06, head), (0, 0.03, 0), "bed", wood),
        box(
            (width + 0.06, length + 0.04, 0.18), (0, y0 + length / 2, frame_top - 0.18), "bed", wood
        ),
    ]
    foot = frame_top if rng.uniform() < 0.6 else rng.uniform(frame_top, 0.7)
    parts.append(box((width + 0.06, 0.05, foot), (0, total - 0.03, 0), "bed", wood))
    for sx in (-1, 1):
        for y in (0.15, total - 0.15):
            parts.append(box((0.06, 0.06, frame_top), (sx * width * 0.45, y, 0), "bed", wood))
    top = frame_top + thick
    mattress = (width, length - 0.02, thick)
    parts.append(rounded_box(mattress, (0, y0 + length / 2, frame_top), "bed", white, radius=0.06))
    parts.append(_blanket(rng, theme, width=width, y0=y0, length=length, top=top))
    if rng.uniform() < 0.4:
        parts.append(_throw(rng, theme, width=width, y=y0 + length * 0.8, top=top))
    count = 2 if width > 1.3 else 1
    for i in range(count):
        x = (i - (count - 1) / 2) * width / 2
        for layer in range(int(rng.integers(1, 3))):
            cover = theme.textile(rng) if rng.uniform() < 0.5 else white
            size = (min(0.7, width / count - 0.08), 0.42, 0.15)
            pillow = rounded_box(size, (0, 0, 0), "objects", cover, radius=0.072)
            lean = rng.uniform(0.1, 0.35) + 0.45 * layer
            at = (x + rng.normal() * 0.02, y0 + 0.3 - 0.02 * layer, top + 0.02 + 0.13 * layer)
            parts += moved([pillow], at, turn=rotation_about_x(-lean))
    return Piece(parts, width + 0.08, total, max(head, top + 0.2))


def _blanket(
    rng: np.random.Generator, theme: Theme, *, width: float, y0: float, length: float, top: float
) -> Part:
    """A quilt over the mattress that hangs down at both sides, with folds."""
    start = y0 + length * rng.uniform(0.22, 0.4)
    end = y0 + length + 0.012
    half, hang = width / 2 + 0.025, rng.uniform(0.12, 0.28)
    phase = rng.uniform(0, 6, 4)
    bumps = rng.uniform(0.004, 0.014)

    def surface(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        y = start + u * (end - start)
        arc = (v - 0.5) * 2 * (half + hang)
        over = np.clip(np.abs(arc) - half, 0, None)
        x = np.sign(arc) * np.minimum(np.abs(arc), half)
        x = x + np.sign(arc) * over * (0.08 + 0.06 * np.sin(y * 14 + phase[0]))
        fold = np.sin(x * 9 + phase[1] + 2 * np.sin(y * 3)) * np.sin(y * 7 + phase[2])
        fold = fold + 0.6 * np.sin(x * 17 + y * 11 + phase[3])
        round_edge = 0.03 * np.clip((np.abs(x) / half - 0.9) / 0.1, 0, 1) ** 2
        z = top + 0.035 + bumps * fold - round_edge - over
        return np.stack([x, y, z], axis=-1)

    return sheet(surface, "bed", theme.textile(rng, patterned=0.45), cells=(26, 34))


def _throw(rng: np.random.Generator, theme: Theme, *, width: float, y: float, top: float) -> Part:
    half, hang, wide = width / 2 + 0.035, rng.uniform(0.2, 0.35), rng.uniform(0.35, 0.6)

    def surface(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        arc = (v - 0.5) * 2 * (half + hang)
        over = np.clip(np.abs(arc) - half, 0, None)
        x = np.sign(arc) * (np.minimum(np.abs(arc), half) + 0.12 * over)
        z = top + 0.055 + 0.008 * np.sin(x * 12 + u * 5) - over
        return np.stack([x, y + (u - 0.5) * wide + 0.02 * np.sin(x * 5), z], axis=-1)

    return sheet(surface, "bed", theme.textile(rng, patterned=0.5), cells=(8, 30))
