"""What happens to an article: pure stages, a value in, an outcome out."""
