"""Pure: what an agent may write at the top of his answer; one file a verb family."""
