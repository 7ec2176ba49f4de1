"""Background work between keys: training in slices, the diagnosis in a thread, maps piece by piece.

Begin with training_loop.py. Others use TrainingLoop, DiagnosisWorker and JobThread (diagnosis_worker.py), MapWorker
(map_worker.py).
"""
