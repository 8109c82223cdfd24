"""Builds that several stacks can have in common: layers, and one stack as the model of others."""
