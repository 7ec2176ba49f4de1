"""Lessons as files: questions about runs, read and refused without training. May import session, and what is below it.

Begin with lesson.py (what a lesson is), then notation.py.
"""
