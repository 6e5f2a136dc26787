"""Rows of auxiliary modules that a search has to find first."""

NEEDS_SEARCH = "needs a searched architecture"
