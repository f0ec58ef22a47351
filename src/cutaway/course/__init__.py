"""The course: lessons that are read beside the open workbook, and done on it."""
