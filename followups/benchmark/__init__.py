"""How long a night and the pages take, on a generated book in a database of its own."""
