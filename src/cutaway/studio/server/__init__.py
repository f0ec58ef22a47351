"""What a browser reaches: the server, its guard, the tabs and the open document."""
