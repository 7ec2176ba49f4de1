"""Lessons: files that ask for a prediction, check it against runs, and explain; and what a student answered.

May import all of core. Begin with lesson.py (what a lesson is), then course.py (how it is taken).
"""
