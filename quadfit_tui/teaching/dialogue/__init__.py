"""Lessons taken line by line, as sentences and commands in words. May import classroom, course, and all below.

Begin with dialogue.py.
"""
