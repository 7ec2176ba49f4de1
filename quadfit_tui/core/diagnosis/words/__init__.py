"""The diagnosis in words."""
