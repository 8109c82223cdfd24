"""A graph's elements as files that other programs read."""
