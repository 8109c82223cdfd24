"""Follows dependencies."""
