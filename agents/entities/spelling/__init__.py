"""How names are written: folding, scripts and their sounds, endings and small words of each language."""
