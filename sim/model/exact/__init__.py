"""The exact solver: what a world comes to without simulating it."""

from sim.model.exact.answers import Answers, Group, Row, solve

__all__ = ["Answers", "Group", "Row", "solve"]
