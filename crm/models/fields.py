"""Field types with one meaning each."""

from functools import partial

from django.core.validators import MinValueValidator
from django.db import models

ZERO_OR_MORE = [MinValueValidator(0)]


class MoneyField(models.DecimalField):
    """An amount of money, to the cent; the currency stands beside it or is the base currency."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_digits", 16)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(*args, **kwargs)


class MoneySumField(MoneyField):
    """Many amounts added up: wider than any of them."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_digits", 20)
        super().__init__(*args, **kwargs)


CoordinateField = partial(
    models.DecimalField, max_digits=9, decimal_places=6, null=True, blank=True
)
