"""Shared layers between backbone and heads."""

from .aspp_neck import ASPPNeck
from .u_shape_neck import UShapeNeck

__all__ = ["ASPPNeck", "UShapeNeck"]
