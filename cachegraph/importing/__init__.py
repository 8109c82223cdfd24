"""Imports documents into a store."""
