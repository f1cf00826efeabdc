"""Sample articles in twelve languages, written for babelwire: real people and places, invented events."""

from pathlib import Path

ARTICLES = Path(__file__).with_name("articles.jsonl")
"""JSON Lines of RawArticle."""
