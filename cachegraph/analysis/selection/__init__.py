"""Turns what people type into stacks and specs of a graph."""
