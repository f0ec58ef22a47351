"""Training: data, the loop, and making a model that every verb can open. Needs torch."""
