"""Text as the program writes it: numbers, quoted values, documents, ASCII. Imports nothing of the program.

Begin with numbers.py.
"""
