"""Runs written down as text, CSV or JSON lines. May import diagnosis and what is below it.

Begin with formats.py: a column is added there.
"""
