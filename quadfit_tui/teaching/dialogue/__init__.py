"""Lessons line by line, for screen readers and dumb terminals: commands in words, answers in sentences.

Begin with dialogue.py. Others use Dialogue from it.
"""
