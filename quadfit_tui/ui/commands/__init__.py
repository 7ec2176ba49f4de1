"""The actions of the app by subject: playback, runs, views, saving, the map.

Begin with commands.py. The app has an object of each kind; keys call its methods named `action_…`.
"""
