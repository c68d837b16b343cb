# Business figures are grouped by thousands in Chinese, too; Django's default is four digits.
NUMBER_GROUPING = 3
