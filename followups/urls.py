from django.urls import path

from followups.views import (
    acts,
    customer,
    customers,
    dashboard,
    followups,
    retention,
    today,
    visits,
    winback,
)

urlpatterns = [
    path("", today.home, name="home"),
    path("today/", today.today, name="today"),
    path("today/<str:code>/", today.more, name="today_more"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("retention/", retention.retention, name="retention"),
    path("retention/cohort/", retention.cohort, name="retention_cohort"),
    path("retention/<slug:code>/", retention.rows, name="retention_rows"),
    path("winback/", winback.lost, name="winback"),
    path("follow-ups/", followups.followups, name="followups"),
    path("customers/", customers.customers, name="customers"),
    path("assign/customers/", customers.assign, name="customers_assign"),
    path("follow-ups/new/", acts.plan, name="followup_new"),
    path("follow-ups/<int:pk>/row/", acts.row, name="followup_row"),
    path("follow-ups/<int:pk>/visit/", visits.visit, name="followup_visit"),
    path("follow-ups/<int:pk>/snooze/", acts.snooze, name="followup_snooze"),
    path("follow-ups/<int:pk>/done/", acts.done, name="followup_done"),
    path("follow-ups/<int:pk>/back/", acts.back, name="followup_back"),
    path("visits/new/", visits.visit_new, name="visit_new"),
    path("visits/<int:pk>/undo/", visits.undo, name="visit_undo"),
    path("customers/<str:code>/row/", acts.customer_row, name="customer_row"),
    path("customers/<str:code>/", customer.customer, name="customer"),
    path("customers/<str:code>/timeline/", customer.timeline, name="customer_timeline"),
]
