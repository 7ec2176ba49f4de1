"""The places where something is said of a run, each with the table of its sentences."""
