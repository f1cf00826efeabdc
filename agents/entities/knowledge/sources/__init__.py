"""Where the knowledge base's records come from: each module reads one licence-clean source."""
