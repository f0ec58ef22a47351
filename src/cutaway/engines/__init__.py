"""Ways to calculate a book."""
