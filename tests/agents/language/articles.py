"""Articles for the tests of the stage, all of our own writing."""

from __future__ import annotations

from datetime import UTC, datetime

from schemas.article import CleanArticle, Fingerprint, Provenance


def article(
    text: str, *, title: str | None = None, hint: str | None = None, declared: str | None = None
) -> CleanArticle:
    """Returns a clean article of this text."""
    return CleanArticle(
        id="a1",
        revision=1,
        url=None,
        source=None,
        title=title,
        text=text,
        published_at=None,
        published_at_basis="none",
        received_at=datetime(2026, 11, 21, tzinfo=UTC),
        language_hint=hint,
        language_declared=declared,
        fingerprint=Fingerprint(sha256="0" * 64, near=""),
        provenance=Provenance(pipeline="babelwire/test", input="0" * 32, stages={"clean": "1"}),
    )


SENTENCES = {
    "de": "Der Bundestag hat am Donnerstag nach langer Debatte das neue Gesetz über die Renten beschlossen.",
    "en": "The government said on Thursday that work on the new bridge would begin in the spring of next year.",
    "fr": "Le ministre a annoncé jeudi que les travaux de la nouvelle ligne commenceraient au printemps prochain.",
    "it": "Il governo ha annunciato giovedì che i lavori per il nuovo ponte cominceranno la prossima primavera.",
    "ro": "Guvernul a aprobat joi o nouă lege privind pensiile, după mai multe săptămâni de negocieri.",
    "pt": "O governo anunciou na quinta-feira que as obras da nova linha de metrô começam no próximo ano.",
    "fil": "Inihayag ng pamahalaan noong Huwebes na magsisimula ang paggawa ng bagong tulay sa susunod na taon.",
    "pl": "Rząd ogłosił w czwartek, że budowa nowego mostu rozpocznie się wiosną przyszłego roku.",
    "az": "Hökumət cümə axşamı elan etdi ki, yeni körpünün tikintisi gələn ilin yazında başlayacaq.",
    "vi": "Chính phủ hôm thứ Năm thông báo rằng việc xây dựng cây cầu mới sẽ bắt đầu vào mùa xuân năm sau.",
    "ru": "Правительство объявило в четверг, что строительство нового моста начнётся весной будущего года.",
    "uk": "Уряд оголосив у четвер, що будівництво нового мосту розпочнеться навесні наступного року.",
    "el": "Η κυβέρνηση ανακοίνωσε την Πέμπτη ότι η κατασκευή της νέας γέφυρας θα αρχίσει την άνοιξη.",
    "ja": "政府は木曜日、新しい橋の建設を来年の春に始めると発表した。",
    "ko": "정부는 목요일에 새 다리 건설을 내년 봄에 시작한다고 발표했다.",
    "zh-Hans": "政府周四宣布，新大桥的建设将于明年春天开始，预计三年内完成，费用由国家承担。",
    "zh-Hant": "政府週四宣布，新大橋的建設將於明年春天開始，預計三年內完成，費用由國家承擔。",
    "hi": "सरकार ने गुरुवार को घोषणा की कि नए पुल का निर्माण अगले वसंत में शुरू होगा।",
    "he": "הממשלה הודיעה ביום חמישי כי בניית הגשר החדש תתחיל באביב הבא.",
    "hr": "Vlada je u četvrtak priopćila da će izgradnja novoga mosta početi u travnju sljedeće godine, a "
    "ravnatelj tvrtke kaže da tisuće ljudi tjedno putuju vlakom te da sustav treba bolje uvjete.",
    "sr-Latn": "Vlada je u četvrtak saopštila da će izgradnja novog mosta početi u aprilu sledeće godine, a "
    "direktor preduzeća kaže da hiljade ljudi svake nedelje putuju vozom i da su uslovi sve lošiji.",
    "sr": "Влада је у четвртак саопштила да ће изградња новог моста почети у априлу следеће године.",
    "nn": "Regjeringa sa torsdag at bygginga av den nye brua tek til neste vår, og ho veit ikkje kva ho vil koste.",
}
"""One or two sentences of news in each language, by its tag."""
