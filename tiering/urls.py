from django.urls import path

from crm.views import pending

urlpatterns = [
    path("alerts/", pending.pending, name="alerts"),
    path("policy/", pending.pending, name="policy"),
]
