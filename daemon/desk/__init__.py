"""Pure: the ticket, its states, its people and what may happen to it."""
