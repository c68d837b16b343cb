from django.shortcuts import render


def pending(request, **kwargs):
    return render(request, "404.html", status=404)
