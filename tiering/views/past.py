"""What every page has that can show a past night."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from tiering.past import Book, book_on

BAD_REQUEST = {"nonsense", "future"}


def book_asked_for(request: HttpRequest) -> Book:
    return book_on(request.GET.get("as_of", ""), today=timezone.localdate())


def around(request: HttpRequest, book: Book) -> dict[str, object]:
    """What the field of the day needs, and the night of the navigation."""
    others = [pair for pair in request.GET.lists() if pair[0] not in ("as_of", "page", "export")]
    return {
        "book": book,
        "night": book.latest,
        "others": [(name, value) for name, values in others for value in values],
    }


def no_book(request: HttpRequest, book: Book, *, here: str) -> HttpResponse:
    """There is no book of the day asked for: why, and where to go instead."""
    status = 400 if book.problem in BAD_REQUEST else 200
    context = around(request, book) | {"here": here}
    return render(request, "tiering/past/nothing.html", context, status=status)
