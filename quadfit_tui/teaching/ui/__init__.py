"""Lessons in the app: their list, the pane, the lesson that is open, its keys.

Begin with lesson_commands.py, then open_lesson.py. Others use Lessons and LessonSetup (library.py).
"""
