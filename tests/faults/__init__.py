"""What happens when things break, on a real Apache Kafka and with the workers run as users run them."""
