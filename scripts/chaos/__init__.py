"""Development: ``kill -9`` at random instants while mail flows, then a count. Not in the wheel."""
