"""Static files under names with a digest, so that browsers may keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ManifestStorage(CompressedManifestStaticFilesStorage):
    # Tabler and ECharts name source maps that are not collected.
    manifest_strict = False
    support_js_module_import_aggregation = False
