"""Finds the persons, organisations, places and nationalities an article names, and gives each one id."""
