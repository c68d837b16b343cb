"""What each role may do. Which rows it may do it to is `visible_to`."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    EDIT_CUSTOMERS = "edit_customers"
    ASSIGN_CUSTOMERS = "assign_customers"
    LOG_VISITS = "log_visits"
    IMPORT_FILES = "import_files"
    EXPORT_LISTS = "export_lists"
    SEE_TEAM = "see_team"
    SEE_POLICY = "see_policy"
    OVERRIDE_GRADES = "override_grades"
    EDIT_POLICY = "edit_policy"
    APPROVE_GRADES = "approve_grades"
    ADMINISTER = "administer"


REP = {Permission.EDIT_CUSTOMERS, Permission.LOG_VISITS, Permission.EXPORT_LISTS}
MANAGER = REP | {
    Permission.ASSIGN_CUSTOMERS,
    Permission.SEE_TEAM,
    Permission.SEE_POLICY,
    Permission.OVERRIDE_GRADES,
    Permission.APPROVE_GRADES,
}
ADMIN = set(Permission)

PERMISSIONS = {"rep": REP, "manager": MANAGER, "admin": ADMIN}

ROLE_SENTENCES = {
    "rep": _("Looks after own customers: sees, edits and visits them."),
    "manager": _("Sees the customers of the team and its sub-teams and those of the pool."),
    "admin": _("Sees everything, imports files and sets the rules."),
}


def may(role: str, permission: Permission) -> bool:
    """Whether a role holds a permission; an unknown role holds none."""
    return permission in PERMISSIONS.get(role, frozenset())
