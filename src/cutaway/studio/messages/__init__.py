"""What page, server and worker say to each other: every verb with its fields and its answer."""
