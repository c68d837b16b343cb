"""Message files without GNU gettext: found in the source, kept, checked and compiled by Babel."""
