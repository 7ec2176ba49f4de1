"""The pane of a lesson: what a course says, folded to its place, and the widgets that show it.

Begin with lesson_text.py. Others use StepText from it, LessonPage (lesson_page.py) and LessonPane (lesson_pane.py).
"""
