from django.urls import path

from tiering.views import alerts, health, policy, ratings

urlpatterns = [
    path("readyz", health.readyz, name="readyz"),
    path("alerts/", alerts.alerts, name="alerts"),
    path("policy/", policy.policy, name="policy"),
    path("customers/<str:code>/ratings/", ratings.ratings, name="customer_ratings"),
]
