"""Selections, comparisons, dependencies and nearest binaries, which several questions share."""
