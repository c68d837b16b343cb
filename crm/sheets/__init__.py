"""Files of customers, orders, visits and payments, read without Django.

`reading` gives header and lines, `columns` says which column is which,
`values` and `dates` turn cells into text that PostgreSQL takes as it is.
"""
