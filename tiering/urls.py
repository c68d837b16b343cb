from django.urls import path

from tiering.views import (
    alert_acts,
    alerts,
    changes,
    health,
    notices,
    overrides,
    proposals,
    quality,
    ratings,
)
from tiering.views.policies import drafts, pairs, publishing, reading, what_if

urlpatterns = [
    path("readyz", health.readyz, name="readyz"),
    path("alerts/", alerts.alerts, name="alerts"),
    path("alerts/quality/", quality.quality, name="alerts_quality"),
    path("act/alerts/", alert_acts.act_on_many, name="alerts_act"),
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.read_all, name="notices_read"),
    path("notices/<slug:kind>/<str:day>/", notices.of_day, name="notices_of_day"),
    path("proposals/", proposals.proposals, name="proposals"),
    path("decide/proposals/", proposals.decide, name="proposals_decide"),
    path("changes/", changes.changes, name="changes"),
    path("customers/<str:code>/grades/", changes.of_customer, name="customer_grades"),
    path("customers/<str:code>/ratings/", ratings.ratings, name="customer_ratings"),
    path("overrides/", overrides.overrides, name="overrides"),
    path("overrides/hindsight/", overrides.hindsight, name="hindsight"),
    path("overrides/<int:pk>/end/", overrides.end, name="override_end"),
    path("overrides/<int:pk>/approve/", overrides.approve, name="override_approve"),
    path("overrides/<int:pk>/decline/", overrides.decline, name="override_decline"),
    path("customers/<str:code>/grade/", overrides.customer_grade, name="customer_grade"),
    path("policy/", reading.policy, name="policy"),
    path("policy/new/", drafts.new, name="policy_new"),
    path("policy/<int:version>/", drafts.version, name="policy_version"),
    path("policy/<int:version>/drop/", drafts.drop, name="policy_drop"),
    path("policy/<int:version>/pairs/", pairs.pairs, name="policy_pairs"),
    path("policy/<int:version>/preview/", what_if.preview, name="policy_preview"),
    path("policy/<int:version>/preview/<slug:key>/", what_if.movers, name="policy_movers"),
    path("policy/<int:version>/publish/", publishing.publication, name="policy_publish"),
    path("policy/<int:version>/publishing/", publishing.progress, name="policy_publishing"),
]
