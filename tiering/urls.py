from django.urls import path

from crm.views import pending
from tiering.views import health

urlpatterns = [
    path("readyz", health.readyz, name="readyz"),
    path("alerts/", pending.pending, name="alerts"),
    path("policy/", pending.pending, name="policy"),
]
