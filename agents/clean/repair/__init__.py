"""Characters and spaces that were damaged on the way."""
