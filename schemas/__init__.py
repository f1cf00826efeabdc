"""What travels on the stream: the events, their codec, their ids and the topics they live on."""

VERSION = "0.1.0"
