"""A lesson as a student takes it: step by step, and what of it is recorded. May import lessons, and all below them.

Begin with course.py.
"""
