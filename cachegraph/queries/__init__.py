"""The questions: each a frozen value that walks a graph and returns its answer.

An answer is the document that ``--json`` prints: plain dictionaries and lists, typed.
"""
