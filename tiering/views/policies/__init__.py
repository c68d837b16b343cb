"""The page /policy/: managers read, administrators draft, look ahead and publish."""
