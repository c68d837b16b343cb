"""A made-up wholesaler with three years of trade, the same for the same seed and day.

Pure but for `load`: `company.build` makes every row in memory from words in `words/`,
`load` copies them into the database.
"""
