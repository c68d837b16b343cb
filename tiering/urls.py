from django.urls import path

from tiering.views import alerts, health, policy

urlpatterns = [
    path("readyz", health.readyz, name="readyz"),
    path("alerts/", alerts.alerts, name="alerts"),
    path("policy/", policy.policy, name="policy"),
]
