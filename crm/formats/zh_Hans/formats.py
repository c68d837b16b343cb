# Business figures are grouped by thousands in Chinese, too; Django's default is not at all.
NUMBER_GROUPING = 3
THOUSAND_SEPARATOR = ","
