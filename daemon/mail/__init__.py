"""Pure: reading a mail. Takes bytes, returns frozen values, never raises for bad input."""
