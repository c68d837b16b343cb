from django.urls import path

from tiering.views import alerts, health, overrides, policy, ratings

urlpatterns = [
    path("readyz", health.readyz, name="readyz"),
    path("alerts/", alerts.alerts, name="alerts"),
    path("policy/", policy.policy, name="policy"),
    path("customers/<str:code>/ratings/", ratings.ratings, name="customer_ratings"),
    path("overrides/", overrides.overrides, name="overrides"),
    path("overrides/hindsight/", overrides.hindsight, name="hindsight"),
    path("overrides/<int:pk>/end/", overrides.end, name="override_end"),
    path("overrides/<int:pk>/approve/", overrides.approve, name="override_approve"),
    path("overrides/<int:pk>/decline/", overrides.decline, name="override_decline"),
    path("customers/<str:code>/grade/", overrides.customer_grade, name="customer_grade"),
]
