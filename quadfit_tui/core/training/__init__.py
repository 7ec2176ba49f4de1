"""Training: updates, epochs, many epochs at once, and the way back to any of them. May import model and what is below
it. Begin with trainer.py, then timeline.py.
"""
