"""Every address; those of the higher apps are named by strings only."""

from allauth.account import views as account
from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from crm.views import health, lists, me

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/password/", account.password_change, name="account_change_password"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("healthz", health.healthz, name="healthz"),
    path("me/", me.me, name="me"),
    path("orders/", lists.orders, name="orders"),
    path("orders/<path:number>/", lists.order, name="order"),
    path("visits/", lists.visits, name="visits"),
    path("cases/", lists.cases, name="cases"),
    path("imports/", include("crm.import_urls")),
    path("api/v1/", include("crm.api")),
    path("api/v1/", include("tiering.api")),
    path("api/v1/", include("followups.api")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api_docs"),
    path("", include("crm.edit_urls")),
    path("", include("tiering.urls")),
    path("", include("followups.urls")),
]
