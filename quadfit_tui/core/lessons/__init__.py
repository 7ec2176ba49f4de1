"""Lessons: files that ask for a prediction, check it against runs, and explain; and what a student answered.

May import explain, export, and all below them. Begin with lesson.py (what a lesson is), then facts.py and judge.py.
"""
