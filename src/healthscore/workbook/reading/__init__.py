"""Reading a filled workbook: a suspicious look at the file, its cells, its segments, and what all of it means."""
