"""People who use the system, and the tree of teams they belong to."""

import zoneinfo

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from crm.permissions import Permission, may


def validate_time_zone(name: str) -> None:
    """Refuse a time zone that the system does not know."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("%(name)s is not a time zone."), params={"name": name})


class Team(models.Model):
    name = models.CharField(_("name"), max_length=80, unique=True)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="subteams",
        verbose_name=_("part of"),
    )

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self):
        return self.name

    def with_subteams(self) -> set[int]:
        """Keys of this team and of every team below it, however deep."""
        children: dict[int | None, list[int]] = {}
        for pk, parent in Team.objects.values_list("pk", "parent_id"):
            children.setdefault(parent, []).append(pk)
        found, waiting = set(), [self.pk]
        while waiting:
            team = waiting.pop()
            if team not in found:
                found.add(team)
                waiting.extend(children.get(team, []))
        return found

    def clean(self):
        if self.pk and self.parent_id in self.with_subteams():
            raise ValidationError({"parent": _("A team cannot be part of itself.")})


class UserQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The colleagues whose work this user may see."""
        if user.role == User.Role.ADMIN:
            return self
        if user.role == User.Role.MANAGER:
            return self.filter(models.Q(team__in=user.team_with_subteams) | models.Q(pk=user.pk))
        return self.filter(pk=user.pk)

    def active(self):
        return self.filter(is_active=True)

    def sellers(self):
        """Those who can own customers: active salespeople and managers."""
        return self.active().exclude(role=User.Role.ADMIN)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def create_user(self, username, password=None, **fields):
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username, password=None, **fields):
        return self.create_user(username, password, **{**fields, "role": User.Role.ADMIN})

    def get_by_natural_key(self, username):
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    class Role(models.TextChoices):
        REP = "rep", _("Salesperson")
        MANAGER = "manager", _("Manager")
        ADMIN = "admin", _("Administrator")

    username = models.CharField(
        _("username"), max_length=60, unique=True, validators=[UnicodeUsernameValidator()]
    )
    name = models.CharField(_("name"), max_length=80)
    email = models.EmailField(_("e-mail"), blank=True)
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.REP)
    team = models.ForeignKey(
        Team,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="members",
        verbose_name=_("team"),
    )
    language = models.CharField(
        _("language"),
        max_length=10,
        blank=True,
        choices=settings.LANGUAGES,
        help_text=_("Empty: the language of the company."),
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=40,
        blank=True,
        validators=[validate_time_zone],
        help_text=_("Empty: the time zone of the company."),
    )
    is_active = models.BooleanField(_("may sign in"), default=True)
    joined_at = models.DateTimeField(_("joined"), auto_now_add=True)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self):
        return self.name or self.username

    @property
    def is_admin(self) -> bool:
        return self.is_active and self.role == self.Role.ADMIN

    @property
    def is_manager(self) -> bool:
        return self.role == self.Role.MANAGER

    @property
    def is_staff(self) -> bool:
        return self.is_admin

    @property
    def is_superuser(self) -> bool:
        return self.is_admin

    def has_perm(self, perm, obj=None) -> bool:
        return self.is_admin

    def has_perms(self, perms, obj=None) -> bool:
        return self.is_admin

    def has_module_perms(self, app_label) -> bool:
        return self.is_admin

    def may(self, permission: Permission) -> bool:
        return self.is_active and may(self.role, permission)

    @cached_property
    def team_with_subteams(self) -> set[int]:
        """Keys of the own team and those below; empty for a user of no team."""
        return self.team.with_subteams() if self.team_id else set()

    @property
    def initials(self) -> str:
        words = self.name.split()
        if len(words) > 1:
            return (words[0][0] + words[-1][0]).upper()
        return self.name[-2:] if self.name else self.username[:2].upper()

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name
