"""Lessons in the app: their list, the pane, the lesson that is taken, its keys. May import all of ui but the app.

Begin with lesson_commands.py, then open_lesson.py.
"""
