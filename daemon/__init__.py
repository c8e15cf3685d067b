"""Mail in, and the ticket: listeners, the inbox, and the domain that everything stands on."""
