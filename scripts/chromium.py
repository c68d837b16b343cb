"""Chromium for the browser tests: installed by apt for root on Debian, otherwise only looked for."""

import os
import shutil
import subprocess
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
PACKAGES = ["chromium", "fonts-noto-cjk"]  # the fonts, so that Chinese pages can be looked at


def main() -> None:
    if any(map(shutil.which, NAMES)):
        return
    if os.geteuid() != 0 or not Path("/etc/debian_version").exists():
        print("No Chromium here: browser tests will be skipped. On Debian: apt install chromium")
        return
    print("Chromium …", flush=True)
    apt("update")
    if not apt("install", "--yes", "--no-install-recommends", *PACKAGES):
        print("Chromium could not be installed by apt: browser tests will be skipped.")


def apt(*arguments: str) -> bool:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "--quiet", *arguments]
    with open(Path(__file__).parents[1] / ".state" / "bootstrap.log", "a") as log:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False
        )
    return done.returncode == 0


if __name__ == "__main__":
    main()
