"""A local web page that shows what a network predicts for a dropped image."""

from .page_data import page_data
from .server import DemoServer

__all__ = ["DemoServer", "page_data"]
