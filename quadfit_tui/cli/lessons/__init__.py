"""The commands of lessons: list, play, check, new, facts, report, watch, handout; may import all but main.py and commands.

Begin with lessons_command.py.
"""
