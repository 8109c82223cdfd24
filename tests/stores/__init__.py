"""The tests of cachegraph."""
