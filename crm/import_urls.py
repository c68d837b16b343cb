"""Files that come in."""

from django.urls import path

from crm.views import imports

urlpatterns = [
    path("", imports.index, name="imports"),
    path("new/", imports.new, name="import_new"),
    path("<int:pk>/", imports.show, name="import"),
    path("<int:pk>/check/", imports.check, name="import_check"),
    path("<int:pk>/commit/", imports.commit, name="import_commit"),
    path("<int:pk>/progress/", imports.progress, name="import_progress"),
    path("<int:pk>/rejects/", imports.rejects, name="import_rejects"),
    path("<int:pk>/undo/", imports.undo, name="import_undo"),
]
