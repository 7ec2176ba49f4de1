"""Algebra of updates: what many of them come to as one map. May import model and what is below it."""
