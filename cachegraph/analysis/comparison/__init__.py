"""Compares specs and stacks."""
