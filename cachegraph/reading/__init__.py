"""Finds the documents that locations name, and reads their bytes from files and servers."""
