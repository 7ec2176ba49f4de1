"""The judge of lessons: their facts by training, what an answer is worth, whether what they state is true.

Begin with facts.py, then judge.py. Others use Facts, `check` (check.py), Verdict (judge.py) and LossAxes
(loss_axes.py).
"""
