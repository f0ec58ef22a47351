"""Child processes, seen from both ends: what passes between them, and what a child may take."""
