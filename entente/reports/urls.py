from django.urls import path
from django.http import HttpResponse
from entente.members.permissions import needs
@needs("overview.view")
def x(request, **k): return HttpResponse("x")
urlpatterns = [path("", x, name="overview"), path("funnel/", x, name="funnel"), path("people/", x, name="people"), path("people/<int:pk>/", x, name="person")]
