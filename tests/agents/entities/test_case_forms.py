"""Cities as running text has them: in every case, with what is glued to them, and nothing else found beside."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.entities.knowledge.kb import Compiled
from agents.entities.knowledge.sources.curated import curated
from agents.entities.linking.link import Linker

FRAMES = {
    "cs": "Jednání se konalo {} a skončilo bez dohody.",
    "sk": "Rokovanie sa konalo {} a skončilo bez dohody.",
    "pl": "Rozmowy odbyły się {} i zakończyły się bez porozumienia.",
    "uk": "Переговори відбулися {} і завершилися без угоди.",
    "ru": "Переговоры прошли {} и закончились без соглашения.",
    "hr": "Razgovori su održani {} i završili su bez dogovora.",
    "sr": "Разговори су одржани {} и завршени су без договора.",
    "sl": "Pogovori so potekali {} in se končali brez dogovora.",
    "bg": "Преговорите се проведоха {} и завършиха без споразумение.",
    "fi": "Neuvottelut käytiin {} ja ne päättyivät ilman sopua.",
    "et": "Kõnelused peeti {} ja need lõppesid kokkuleppeta.",
    "hu": "A tárgyalásokat {} tartották, és megállapodás nélkül zárultak.",
    "lt": "Derybos surengtos {} ir baigėsi be susitarimo.",
    "lv": "Sarunas rīkoja {} un tās beidzās bez vienošanās.",
    "ka": "მოლაპარაკება გაიმართა {} და უშედეგოდ დასრულდა.",
    "hy": "բանակցությունները տեղի ունեցան {} և ավարտվեցին առանց համաձայնության։",
    "tr": "Görüşmeler dün {} yapıldı ve anlaşma olmadan bitti.",
    "az": "Danışıqlar dünən {} keçirildi və razılaşma olmadan bitdi.",
    "kk": "Келіссөздер кеше {} өтті және келісімсіз аяқталды.",
    "ne": "वार्ता हिजो {} भयो र सहमति बिना सकियो।",
    "am": "ውይይቱ ትናንት {} ተካሂዶ ያለ ስምምነት ተጠናቋል።",
    "my": "ဆွေးနွေးပွဲကို မနေ့က {} ကျင်းပခဲ့သည်။",
    "mn": "Хэлэлцээ өчигдөр {} болж, тохиролцоогүй дууслаа.",
    "hi": "वार्ता कल {} हुई और बिना समझौते के समाप्त हुई।",
    "bn": "আলোচনা গতকাল {} হয়েছে এবং সমঝোতা ছাড়াই শেষ হয়েছে।",
    "ta": "பேச்சுவார்த்தை நேற்று {} நடைபெற்று உடன்பாடின்றி முடிந்தது.",
    "he": "השיחות נערכו אתמול {} והסתיימו ללא הסכם.",
}
CASES = [
    (tag, city, form)
    for line in (Path(__file__).parent / "case_forms.tsv").read_text("utf-8").splitlines()
    if not line.startswith("#")
    for tag, city, forms in [line.split("\t")]
    for form in forms.split("|")
]


@pytest.fixture(scope="module")
def linker() -> Linker:
    return Linker(Compiled())


@pytest.fixture(scope="module")
def ids() -> dict[str, str]:
    """The id of each city by its name, the heaviest of those that share one."""
    cities = sorted((one for one in curated() if one.kind in ("city", "capital")), key=lambda one: one.weight)
    return {one.name: one.id for one in cities}


@pytest.mark.parametrize("tag", sorted({tag for tag, _, _ in CASES}))
def test_a_city_is_found_in_every_case_and_nothing_else(
    tag: str, linker: Linker, ids: dict[str, str]
) -> None:
    wrong = {}
    for code, city, form in CASES:
        if code == tag:
            found = [one.item.id for one in linker.link(FRAMES[tag].format(form), tag) if one.item]
            if found != [ids[city]]:
                wrong[form] = found
    assert wrong == {}
