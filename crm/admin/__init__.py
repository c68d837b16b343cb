from crm.admin import customers, imports, orders, people, service

__all__ = ["customers", "imports", "orders", "people", "service"]
