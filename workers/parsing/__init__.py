"""Mails are read in processes of their own, which may use so much memory and time, no more."""
