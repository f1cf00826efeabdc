"""The way to Kafka: connections, topics, the embedded broker, reading what lies there."""
