"""Matching a file by hand: which ledger it is, which sheets are read, which header is which column."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from banzhuang.accounts.audit import Action, record
from banzhuang.core.clock import today

from ..choosing import Chosen
from ..forms import MatchForm
from ..grid import Refused
from ..models import FormMatch, ImportBatch
from ..preview import strip
from ..receiving import read_again
from .batch import STEPS, own_batch

State = ImportBatch.State


def match(request, pk):
    """The columns of a batch that waits, each with a choice; then the kept file is read again as chosen.

    In the preview only the part with the columns is exchanged.
    """
    row = own_batch(request, pk)
    if row.busy or row.state not in {State.STAGED, State.UNMATCHED}:
        messages.error(request, f"这一批{row.get_state_display()}，不能再改列的对应。")
        return redirect("import_batch", pk)
    form = MatchForm(request.POST or None, batch=row, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            read_again(row, form.chosen, today())
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            record(Action.CHANGE, f"指定列的对应 {row.file_name}", request=request, batch=row.pk)
            return redirect("import_batch", pk)
    context = {"batch": row, "form": form, "steps": STEPS, "cells": form.cells(strip(row))}
    template = "ledgers/_match.html" if request.htmx and request.method == "GET" else "ledgers/match.html"
    return render(request, template, context, status=422 if form.errors else 200)


@require_POST
def forget(request, pk):
    """Forget how the form of this batch was matched by hand, and read the file as it is found."""
    row = own_batch(request, pk)
    forms = row.understanding.get("forms", [])
    found = FormMatch.objects.for_user(request.user).filter(kind=row.kind, fingerprint__in=forms)
    with transaction.atomic():
        if found.delete()[0]:
            record(Action.DELETE, f"不再按记住的对应读 {row.file_name}", request=request, batch=row.pk)
    try:
        read_again(row, Chosen(), today())
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "不再按记住的对应读，已重新辨认。")
    return redirect("import_batch", pk)
