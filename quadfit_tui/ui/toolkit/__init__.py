"""The parts of Textual that have no public name, and small bases that widgets have in common.

Begin with textual_internals.py. Others use LineWidget (line_widget.py), FittedText (fitted_text.py) and MessageQueue
(message_queue.py).
"""
