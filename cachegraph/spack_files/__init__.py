"""Files for Spack: environments, with their lock files, that are made from what a graph knows."""
