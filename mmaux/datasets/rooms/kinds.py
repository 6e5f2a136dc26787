"""Kinds of rooms, the scenes of the rendered data set."""

KINDS = ("living room", "bedroom", "study", "dining room")
"""In the order of the classes. A dining room may have a kitchen."""
