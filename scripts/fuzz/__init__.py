"""Bytes that nobody would send on purpose, through the code that reads mail."""
