"""What a user keeps: the settings of the app, presets of one's own. May import all of cli but main.py and lessons.

Begin with settings.py.
"""
