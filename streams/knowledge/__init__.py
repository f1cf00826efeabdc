"""What operators teach a running installation: additions to the knowledge base, lines that repeat."""
