"""The process that calculates, and that runs the user's code."""
