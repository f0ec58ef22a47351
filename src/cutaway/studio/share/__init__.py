"""Saving and sharing: the workbook as a Python file, tables as CSV, the page as one HTML file."""
