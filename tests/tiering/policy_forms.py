"""What a browser sends for a draft."""

from tiering.policy_form import DraftForm


def typed(draft, **changes) -> dict[str, str]:
    """The fields of the form as it is shown, with some typed over; None: not sent."""
    form = DraftForm(policy=draft)
    fields = {field.html_name: field.value() for field in form if field.value() is not None}
    fields |= {field.html_name: field.value() for field in form.rows.management_form}
    for row in form.rows:
        fields |= {field.html_name: field.value() for field in row if field.value() is not None}
    fields |= changes
    sent = {name: value for name, value in fields.items() if value not in (None, False)}
    return {name: "on" if value is True else str(value) for name, value in sent.items()}
