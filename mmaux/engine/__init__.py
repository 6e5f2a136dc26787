"""Hooks and train loops, and in later versions optimizers."""
