from crm.models.calendar import Holiday, HolidayCalendar
from crm.models.case import Case
from crm.models.customer import Contact, Customer, OwnerChange, Tag
from crm.models.imports import ImportBatch, ImportChange, ImportKind, ImportMapping
from crm.models.order import ExchangeRate, Order, OrderLine, Payment, Product
from crm.models.user import Team, User
from crm.models.visit import Promise, Visit

__all__ = [
    "Case",
    "Contact",
    "Customer",
    "ExchangeRate",
    "Holiday",
    "HolidayCalendar",
    "ImportBatch",
    "ImportChange",
    "ImportKind",
    "ImportMapping",
    "Order",
    "OrderLine",
    "OwnerChange",
    "Payment",
    "Product",
    "Promise",
    "Tag",
    "Team",
    "User",
    "Visit",
]
