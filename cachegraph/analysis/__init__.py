"""What several questions share: selections, comparisons, dependencies, nearest binaries."""
