"""The commands, one file each; lessons and sweep have their own folders. May import all of cli but main.py and those.

Begin with run.py.
"""
