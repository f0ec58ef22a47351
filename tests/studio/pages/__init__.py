"""The studio's own page, as a visitor uses it: the whole program, in a real Chromium."""
