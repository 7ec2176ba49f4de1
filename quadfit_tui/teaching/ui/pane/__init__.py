"""The pane of a lesson: what is said of a course, folded to its place, and the widgets that show it.

Begin with lesson_text.py.
"""
