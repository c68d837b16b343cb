import pytest


@pytest.fixture(autouse=True)
def files_of_the_test(settings, tmp_path):
    """Uploaded files go where the test ends."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "files"},
        },
    }
