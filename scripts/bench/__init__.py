"""Development: how fast the desk is, side by side with Postfix, in one run. Not in the wheel."""
