"""Static files under names with a digest, so that browsers may keep them for ever."""

from django.contrib.staticfiles.apps import StaticFilesConfig
from whitenoise.storage import CompressedManifestStaticFilesStorage


class ManifestStorage(CompressedManifestStaticFilesStorage):
    # Tabler and ECharts name source maps that are not collected.
    manifest_strict = False
    support_js_module_import_aggregation = False


class NeededStaticFiles(StaticFilesConfig):
    """Without the parts of the libraries that no page uses; some of them name files they lack."""

    ignore_patterns = (
        *StaticFilesConfig.ignore_patterns,
        "tabler-*",
        "tabler.rtl.*",
        "echarts.[!m]*",
        "extension",
        "redoc",
    )
