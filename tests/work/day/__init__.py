"""A day of a service desk: forty people and three agents who have nothing but their mail."""
