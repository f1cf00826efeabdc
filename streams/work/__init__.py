"""What a worker is made of: the Faust app, the runner around the stages, their process, the supervisor."""
