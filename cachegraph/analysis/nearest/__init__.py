"""Ranks the binaries that are nearest to a wanted spec."""
