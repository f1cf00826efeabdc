"""All input and output: the Faust app and its runner, brokers, sources, metrics, settings, the command line."""
