"""Hooks, train loops and multi-task optimisation."""
