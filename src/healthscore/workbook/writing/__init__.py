"""Writing a planned workbook with XlsxWriter: the only room that knows how a file comes about."""
