"""Addresses of members: log-in and its like from django-allauth, the rest our own. There is no sign-up."""

from allauth.account import views as allauth
from django.urls import path

from entente.members import key_views, views
from entente.members.permissions import PUBLIC, needs

urlpatterns = [
    path("accounts/login/", needs(PUBLIC)(allauth.login), name="account_login"),
    path("accounts/logout/", needs(PUBLIC)(allauth.logout), name="account_logout"),
    path("accounts/inactive/", needs(PUBLIC)(allauth.account_inactive), name="account_inactive"),
    path("accounts/password/", needs("own.settings")(allauth.password_change), name="account_change_password"),
    path("accounts/password/first/", needs("own.settings")(allauth.password_set), name="account_set_password"),
    path(
        "accounts/invitation/<slug:uidb36>/<str:key>/",
        needs(PUBLIC)(allauth.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "accounts/invitation/done/",
        needs(PUBLIC)(allauth.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("settings/", views.own_settings, name="own_settings"),
    path("settings/theme/", views.own_theme, name="own_theme"),
    path("settings/sessions/<int:pk>/end/", views.own_session_end, name="own_session_end"),
    path("members/", views.members, name="members"),
    path("members/new/", views.new_member, name="new_member"),
    path("members/<int:pk>/", views.member, name="member"),
    path("members/<int:pk>/access/", views.member_access, name="member_access"),
    path("members/<int:pk>/link/", views.member_link, name="member_link"),
    path("api-keys/", key_views.api_keys, name="api_keys"),
    path("api-keys/new/", key_views.new_api_key, name="new_api_key"),
    path("api-keys/<int:pk>/revocation/", key_views.api_key_revocation, name="api_key_revocation"),
    path("audit-trail/", views.audit_trail, name="audit_trail"),
]
