from django.urls import path

from entente.events import views

urlpatterns = [
    path("", views.ingestion, name="ingestion"),
    path("keys/", views.write_keys, name="write_keys"),
    path("keys/new/", views.new_write_key, name="new_write_key"),
    path("keys/<int:pk>/revocation/", views.write_key_revocation, name="write_key_revocation"),
]
