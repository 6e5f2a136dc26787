"""Furniture and clutter.

A piece stands with its back along y = 0, its front towards +y, the middle of its back at x = 0.
"""
