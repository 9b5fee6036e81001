from django.urls import path

from entente.connectors import views

urlpatterns = [
    path("", views.imports, name="imports"),
    path("drafts/", views.new_draft, name="import_new"),
    path("drafts/<str:id_>/", views.draft, name="import_draft"),
    path("drafts/<str:id_>/choices/", views.draft_choices, name="import_choices"),
    path("drafts/<str:id_>/progress/", views.draft_progress, name="import_progress"),
    path("drafts/<str:id_>/mapping/", views.draft_mapping, name="import_mapping"),
    path("drafts/<str:id_>/end/", views.draft_end, name="import_end"),
    path("<int:pk>/undo/", views.import_undo, name="import_undo"),
    path("<int:pk>/left-out/", views.import_rejects, name="import_rejects"),
]
