"""Demo companies for tests; the day is after a usual month of trade."""

from datetime import date

from crm.demo.company import Company, build
from crm.demo.plan import Plan

AS_OF = date(2025, 11, 18)


def company_of(customers: int, *, seed: int = 1, language: str = "en", **options) -> Company:
    return build(Plan(seed, AS_OF, language, customers=customers, **options))
