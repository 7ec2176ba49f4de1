"""The commands, one file each; lessons have a folder of their own. May import all of cli but main.py and lessons.

Begin with run.py.
"""
