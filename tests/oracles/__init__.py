"""What cachegraph is held to: slow, plain readings that use nothing of it, and their own tests."""
