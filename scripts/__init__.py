"""The commands, and the composition root of every process."""
