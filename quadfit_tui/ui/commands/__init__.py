"""The actions of the app by subject: playback, runs, views, saving, the map.

Begin with commands.py. The app uses an object of each kind; a method `action_…` is what a key calls.
"""
