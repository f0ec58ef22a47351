"""The studio: the workbook open in a local web page. `serve` starts it."""
