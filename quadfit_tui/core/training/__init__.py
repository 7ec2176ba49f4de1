"""Training one run: updates, epochs, many epochs at once, and how any of them is visited again.

Begin with trainer.py, then timeline.py. Others use Timeline, Status (status.py), Position (position.py), Record
(record.py), RecordLog (record_log.py) and FastForward (fast_forward.py).
"""
