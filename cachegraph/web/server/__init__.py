"""Serves the pages of a store over HTTP: reads only, answers only who asks for it by its name."""
