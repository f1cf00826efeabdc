"""What is known by name: the records, where they come from, the compiled base and what operators add."""
