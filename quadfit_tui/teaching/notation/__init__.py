"""Lessons as files: questions about runs, read and refused without training.

Begin with lesson.py, what a lesson is. Others use Lesson, Step and StepKind from it, Expression (expression.py) and
Catalog (catalog.py).
"""
