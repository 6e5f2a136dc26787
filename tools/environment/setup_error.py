"""The error that the set-up shows without a traceback."""

from __future__ import annotations


class SetupError(Exception):
    """Something that the user can put right: what was found, what was expected, and the fix."""
