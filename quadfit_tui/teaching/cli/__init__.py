"""The commands `lessons …` and the options of lessons: to take, write and teach them.

Begin with lessons_command.py. main.py uses ANNEX of teaching_entry.py.
"""
