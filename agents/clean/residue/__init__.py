"""What is not the article's own: lines and sentences, by phrases, by form and by a fitted model."""
