"""Which names a text has and which entity each of them means."""
