"""Tests of the programs that ask the exported Parquet without cachegraph."""
