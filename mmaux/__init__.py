"""Auxiliary modules and multi-task training for MMSegmentation.

Importing the package compares the versions of its neighbours and applies ``mmaux.compat``; models,
data sets and the rest are imported by ``mmaux.registry`` when they are first used.
"""

from mmaux.version import __version__, require_versions

require_versions()

from mmaux.compat import install  # noqa: E402  (imports torch and mmengine: first the walls)

install()

__all__ = ["__version__"]
