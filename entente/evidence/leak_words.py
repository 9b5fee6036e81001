"""The words, in English and Spanish, by which a header or a value gives away that it was written after the outcome.

One pattern and one reason for each kind of meaning: a new one is one more entry of `HEADERS`. Pure.
"""

from __future__ import annotations

import re
from typing import Final

_JUDGEMENT = (
    r"score|scoring|index|rating|grade|rank|ranking|probability|likelihood"
    r"|puntuaci[oó]n|puntaje|probabilidad|[ií]ndice|calificaci[oó]n"
)
_OF_A_LEAD = (
    r"lead|prospect|contact|client|customer|deal|opportunity|sales|activity|profile|behaviou?r|engagement|interest|fit"
    r"|intent|close|predict\w*|contacto|cliente|oportunidad|ventas?|actividad|perfil|inter[eé]s"
)
_OF_THE = r"(of|de|del)( la| el)?"
_NO_MATTER = (
    r"name|names|job|position|title|company|employer|school|degree|month|quarter|year|salary|revenue|funding|round"
    r"|nombre|apellido|empleo|puesto|empresa|mes|trimestre|a[nñ]o|facturaci[oó]n|ronda"
)


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


HEADERS: Final = (
    (
        _any_of(rf"^(last|latest|most recent|recent|[uú]ltim[oa])\b(?! ({_NO_MATTER})\b)"),
        "it holds the last of something when the file was written, so it changes until the lead is won or lost",
    ),
    (
        _any_of(
            rf"^({_JUDGEMENT})$",
            rf"\b({_OF_A_LEAD})\b.*\b({_JUDGEMENT})$",
            rf"^({_JUDGEMENT}) {_OF_THE} ({_OF_A_LEAD})\b",
        ),
        "it is a score that someone or some machine gave the lead, and it changes as the lead moves",
    ),
    (
        _any_of(
            r"^(quality|profile|calidad|perfil)$",
            r"\b(lead|prospect|client|customer|contact|deal|opportunity)\b.*\b(quality|profile)$",
            rf"\b(calidad|perfil) {_OF_THE} (lead|cliente|contacto|prospecto|oportunidad)\b",
        ),
        "it is a judgement of the lead by the people who work it, made once they know it",
    ),
    (
        _any_of(
            r"^(lead |contact |deal |customer )?(tags?|labels?|remarks?|comments?|notes?)$",
            r"^(etiquetas?|observaciones|comentarios|notas)$",
        ),
        "it holds notes that the people who work the lead put on it",
    ),
    (
        _any_of(
            r"^(status|sub ?status|stage|result|outcome|estatus|etapa|fase|resultado)$",
            rf"\b({_OF_A_LEAD}|call|lifecycle|pipeline)\b.*\b(status|sub ?status|stage|result|outcome|estatus)$",
            rf"\b(estado|estatus|etapa|fase|resultado) {_OF_THE} ({_OF_A_LEAD}|llamada)\b",
            r"\b(disposition|converted|conversion|churn(ed)?|signed|won|lost|closed|close date|closing|win|loss)\b",
            r"\b(convertid[oa]|ganad[oa]|perdid[oa]|cerrad[oa]|cierre)\b",
        ),
        "it says how far the lead got",
    ),
    (
        _any_of(
            r"^duration$",
            r"\b(call|talk|contact|conversation|meeting) (duration|time|length|count)\b",
            r"\bnext (step|action|activity|call|task)\b",
            r"\b(number|no|count|times) (of )?(sales )?(calls|contacts|contacted|meetings|activities|touches)\b",
            r"\b(follow ?ups?|attempts|intentos)\b",
            r"\bduraci[oó]n( de la llamada)?\b",
            r"\bpr[oó]xim[oa] (paso|acci[oó]n|actividad|llamada)\b",
            r"\bn[uú]mero de (llamadas|contactos|reuniones|intentos)\b",
        ),
        "it tells of the work of sales on the lead, which comes after the lead",
    ),
)

_OUTCOMES = re.compile(
    r"\b(ringing|switched off|no answer|not answering|unanswered|voice ?mail|hung ?up|hangup|call ?back"
    r"|(invalid|wrong) number|number not provided|unreachable|not reachable|(not|no longer) interested|not eligible"
    r"|disqualified|unqualified|rejected|converted|closed|won|lost|already a \w+|will revert|in touch with|busy"
    r"|follow ?up|unsubscribed|bounced|had a \w+ conversation|no contesta|no responde|buz[oó]n|n[uú]mero equivocado"
    r"|no interesad[oa]|sin inter[eé]s|descartad[oa]|rechazad[oa]|ganad[oa]|perdid[oa]|cerrad[oa])\b",
    re.IGNORECASE,
)


def reason_in_header(words: str) -> str | None:
    """Why a column with this header (as `words_of` gives it) is written after the lead, or None."""
    return next((reason for pattern, reason in HEADERS if pattern.search(words)), None)


def speaks_of_an_outcome(value: str) -> bool:
    """Whether a value tells what came of a lead when sales reached out."""
    return bool(_OUTCOMES.search(value))


def words_of(header: str) -> str:
    """A header as words in lower case: `lead_quality`, `LeadQuality` and `Lead Quality` are the same."""
    parted = re.sub(r"(?<=[a-záéíóúñ])(?=[A-ZÁÉÍÓÚÑ])", " ", header)
    return re.sub(r"[\W_]+", " ", parted).strip().lower()
