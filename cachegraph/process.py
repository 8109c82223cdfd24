"""What is known of the process that asks."""

is_command = False
"""Whether it runs a command, so that nothing else in it uses the libraries that are imported."""
