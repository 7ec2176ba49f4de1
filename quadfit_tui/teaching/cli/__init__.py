"""The commands of lessons, to take, write and teach them; may import all but main.py and commands.

Begin with lessons_command.py.
"""
