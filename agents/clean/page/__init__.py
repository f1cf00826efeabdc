"""A web page: its main text, where that stands in the source, and what the page says of itself."""
