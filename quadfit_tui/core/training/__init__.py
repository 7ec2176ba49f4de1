"""Training: updates, epochs, many epochs at once, and how any of them is visited again. May import model and what is
below it. Begin with trainer.py, then timeline.py.
"""
