"""Files that come in: upload, columns, dry run, commit, undo. For those who may import."""

from functools import wraps
from pathlib import Path

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.forms.imports import MappingForm, UploadForm, for_kind
from crm.imports import services
from crm.imports.wording import dated_ahead, failure, findings, refusal_of
from crm.models import ImportBatch, ImportKind
from crm.permissions import Permission
from crm.sheets import mapping
from crm.sheets.problems import UnreadableFile
from crm.tasks import run_import
from crm.views.scope import allow

State = ImportBatch.State
IN_A_PAGE = 50


def for_importers(view):
    """Only for those who may import files; what died meanwhile is said to be interrupted."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        allow(request.user, Permission.IMPORT_FILES)
        services.heal(now=timezone.now())
        return view(request, *args, **kwargs)

    return guarded


def batch_or_404(request, pk):
    visible = ImportBatch.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("by", "owner"), pk=pk)


@require_safe
@for_importers
def index(request):
    batches = ImportBatch.objects.visible_to(request.user).select_related("by").latest_first()
    page = Paginator(batches, IN_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "crm/imports/index.html", {"here": "imports", "page": page})


@require_http_methods(["GET", "POST"])
@for_importers
def new(request):
    form = UploadForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            return redirect(services.upload(**form.cleaned_data, by=request.user))
        except UnreadableFile as error:
            name = Path(form.cleaned_data["file"].name).name
            form.add_error("file", f"{name}: {refusal_of(error)}")
    return render(request, "crm/imports/new.html", {"here": "imports", "form": form})


@require_safe
@for_importers
def show(request, pk):
    return page_of(request, batch_or_404(request, pk))


def page_of(request, batch, form=None):
    form = form or mapping_form(request, batch)
    context = {
        "here": "imports",
        "batch": batch,
        "form": form,
        "kinds": ImportKind.choices,
        "same": services.same_file_before(batch) if batch.state == State.UPLOADED else None,
        "failure": failure(batch.error) if batch.error else "",
        "dated_ahead": dated_ahead(batch.dated_ahead) if batch.dated_ahead else "",
        **findings(batch),
    }
    return render(request, "crm/imports/import.html", context)


def mapping_form(request, batch):
    """None where there is nothing to map: the work is under way or done, or no file was kept."""
    may_begin = batch.state in services.MAY_BEGIN[State.CHECKING]
    if not may_begin or not batch.file or batch.files_removed_at:
        return None
    found = mapping.from_dict(batch.mapping)
    kind = request.POST.get("kind") or request.GET.get("kind", "")
    found = for_kind(found, kind, batch.header)
    return MappingForm(request.POST or None, found=found, batch=batch)


@require_POST
@for_importers
def check(request, pk):
    batch = batch_or_404(request, pk)
    form = reading_as_asked(request, batch) and mapping_form(request, batch)
    if not (form and form.is_valid()):
        return page_of(request, batch, form)
    services.set_columns(
        batch=batch,
        found=form.cleaned_data["mapping"],
        create_customers=form.cleaned_data.get("create_customers", False),
        owner=form.cleaned_data.get("owner"),
        keep_as=form.cleaned_data["name"],
        by=request.user,
    )
    return start(request, batch, State.CHECKING)


def reading_as_asked(request, batch) -> bool:
    """Read the file anew where its characters or delimiter are said to be others than before."""
    asked = {name: request.POST.get(name, "") for name in ("encoding", "delimiter")}
    if all(batch.mapping.get(name, "") == value for name, value in asked.items()):
        return True
    try:
        services.read_anew(batch=batch, **asked)
    except UnreadableFile as error:
        messages.error(request, refusal_of(error))
        return False
    return True


@require_POST
@for_importers
def commit(request, pk):
    return start(request, batch_or_404(request, pk), State.RUNNING)


@require_http_methods(["GET", "POST"])
@for_importers
def undo(request, pk):
    batch = batch_or_404(request, pk)
    if request.method == "POST":
        return start(request, batch, State.UNDOING)
    return render(request, "crm/imports/undo.html", {"here": "imports", "batch": batch})


def start(request, batch, state):
    try:
        services.begin(batch=batch, state=state, now=timezone.now())
        run_import.delay_on_commit(batch.pk)
    except services.NotNow as error:
        messages.error(request, str(error))
    return redirect(batch)


@require_safe
@for_importers
def progress(request, pk):
    batch = batch_or_404(request, pk)
    part = "_progress" if batch.is_at_work else "_finished"
    return render(request, f"crm/imports/{part}.html", {"batch": batch})


@require_safe
@for_importers
def rejects(request, pk):
    batch = batch_or_404(request, pk)
    if not batch.rejects or batch.files_removed_at:
        raise Http404
    name = _("rejected-%(number)s.csv") % {"number": batch.pk}
    return FileResponse(batch.rejects.open(), as_attachment=True, filename=name)
