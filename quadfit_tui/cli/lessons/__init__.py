"""The commands of lessons: list, play, check, report, watch; may import all but main.py and commands.

Begin with lessons_command.py.
"""
