import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

application = get_wsgi_application()

# What is loaded by now stays: requests need not look through it for garbage, and the little that
# each of them leaves not after every 700 objects.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
