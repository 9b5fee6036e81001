from django.urls import path

from entente.agreements import views

urlpatterns = [
    path("", views.agreement, name="agreement"),
    path("versions/<int:number>/", views.version, name="agreement_version"),
    path("versions/<int:number>/yaml/", views.version_yaml, name="agreement_yaml"),
]
