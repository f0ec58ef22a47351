"""The models of this computer: listed, fetched, and made of files that are dropped on the page."""
