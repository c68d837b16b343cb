from crm.admin import calendars, customers, imports, orders, people, service

__all__ = ["calendars", "customers", "imports", "orders", "people", "service"]
