"""What the app needs of Textual that has no public name, or does in another way. May import nothing of ours.

Begin with textual_internals.py.
"""
