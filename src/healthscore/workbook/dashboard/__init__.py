"""The `Dashboard` sheet, a module for each of its blocks."""
