"""Hooks, and in later versions loops and optimizers."""
