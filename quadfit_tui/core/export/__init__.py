"""Runs written as text, CSV or JSON lines. May import diagnosis and what is below it.

Begin with formats.py: a column or a format is added there.
"""
