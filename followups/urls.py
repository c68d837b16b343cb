from django.urls import path

from crm.views import pending
from followups.views import dashboard

urlpatterns = [
    path("", pending.pending, name="home"),
    path("today/", pending.pending, name="today"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("follow-ups/", pending.pending, name="followups"),
    path("customers/", pending.pending, name="customers"),
    path("visits/new/", pending.pending, name="visit_new"),
    path("customers/<str:code>/", pending.pending, name="customer"),
]
