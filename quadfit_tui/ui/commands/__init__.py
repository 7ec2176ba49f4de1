"""The actions of the app, by what they are about. May import screens, widgets and what stands below. Begin with
commands.py.
"""
