"""A lesson as a student takes it: step by step, and what of it is recorded. May import judging, lessons, and all below.

Begin with course.py.
"""
