from tests.kafka.fixtures import kafka, kafka_fresh, kafka_secure, kafka_three

__all__ = ["kafka", "kafka_fresh", "kafka_secure", "kafka_three"]
