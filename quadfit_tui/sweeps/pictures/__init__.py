"""The pictures of a sweep as plain data: a map over two parameters, a line over one, bands over seeds.

Begin with picture.py. Others use `picture_of` from it.
"""
