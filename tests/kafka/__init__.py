"""A real Apache Kafka for the tests and the benches: `cluster.py` runs it, `fixtures.py` lends it."""
