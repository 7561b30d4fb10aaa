"""The columns of a person that several ledgers share, and how a row's person is found and judged."""

from collections import defaultdict
from dataclasses import replace

from banzhuang.core.fields import keyed_hash
from banzhuang.ledgers.ledger import Column, Fact, Setting
from banzhuang.ledgers.parsers import Choice, IdNumber, PartialDateParser, PersonName, Phone, Text

from .. import rules
from ..models import Cadre


def choice(choices, **synonyms) -> Choice:
    """Labels of a TextChoices, and further words for them: synonyms maps a member's value to a tuple."""
    words = {label: value for value, label in choices.choices}
    for value, others in synonyms.items():
        words |= dict.fromkeys(others, value)
    return Choice(words)


EDUCATION = choice(
    Cadre.Education,
    senior=("高中/中技", "职高"),
    vocational=("中师", "中技", "技校"),
    college=("专科", "大学专科"),
    bachelor=("大学", "大学本科"),
    master=("硕士", "博士", "硕士研究生", "博士研究生"),
)
POLITICAL = choice(
    Cadre.Political,
    member=("党员", "正式党员"),
    probationary=("预备党员",),
    league=("团员",),
    masses=("群众/无",),
)
ETHNIC = Choice(
    {
        name: full
        for full in (
            "汉族",
            "回族",
            "满族",
            "蒙古族",
            "朝鲜族",
            "壮族",
            "苗族",
            "土家族",
            "彝族",
            "藏族",
            "维吾尔族",
            "布依族",
            "侗族",
            "瑶族",
            "白族",
            "哈尼族",
            "黎族",
            "傣族",
            "畲族",
        )
        for name in (full, full.removesuffix("族"))
    }
)

NAME = Column("name", "姓名", PersonName(), synonyms=("名字", "书记姓名", "党组织书记姓名"), required=True)
PERSON = (
    NAME,
    Column("sex", "性别", choice(Cadre.Sex), width=6),
    Column("ethnic_group", "民族", ETHNIC, width=8),
    Column("born", "出生年月", PartialDateParser(), synonyms=("出生日期", "出生时间"), width=12),
    Column("native_place", "籍贯", Text(60), width=14),
    Column("political_status", "政治面貌", POLITICAL, width=12),
    Column("joined_party", "入党时间", PartialDateParser(), synonyms=("入党日期", "入党年月"), width=12),
    Column("education", "全日制学历", EDUCATION, synonyms=("全日制", "文化程度", "学历", "全日制教育")),
    Column("in_service_education", "在职学历", EDUCATION, synonyms=("在职", "在职教育")),
    Column("school", "毕业院校及专业", Text(100), synonyms=("毕业院校", "毕业学校及专业"), width=24),
    Column("started_work", "参加工作时间", PartialDateParser(), synonyms=("参加工作日期", "工作时间"), width=12),
    Column("id_number", "身份证号", IdNumber(), synonyms=("身份证号码", "公民身份号码", "身份证"), sensitive=True, width=22),
    Column("phone", "联系电话", Phone(), synonyms=("手机", "电话", "手机号", "手机号码", "联系方式"), sensitive=True, width=14),
)  # fmt: skip
PERSON_KEYS = [column.key for column in PERSON]


def columns_of_person(way: str = "") -> tuple[Column, ...]:
    """The columns, for a ledger from whose rows `way` leads to the person: "cadre__"."""
    return tuple(replace(column, path=way + column.key) for column in PERSON)


class Persons:
    """Finds the cadres that a chunk of facts speaks of: by identity number, else by name and place."""

    def __init__(self, facts, user):
        numbers = [keyed_hash(fact.values["id_number"]) for fact in facts if fact.values.get("id_number")]
        names = [fact.values["name"] for fact in facts if fact.values.get("name")]
        seen = Cadre.objects.for_user(user).select_related("township", "village")
        self.by_number = {cadre.id_number_hash: cadre for cadre in seen.filter(id_number_hash__in=numbers)}
        self.by_name = defaultdict(list)
        for cadre in seen.filter(name__in=names):
            self.by_name[cadre.name].append(cadre)

    def find(self, fact, village=None) -> Cadre | None:
        """The person of a fact; None when new. A number finds its owner; without one, the only namesake of the place.

        A namesake with another number is another person. A row with a 系统编号 is that person's, whatever it says.
        """
        if isinstance(fact.known, Cadre):
            return fact.known
        if owner := self.owner(fact):
            return owner
        number = fact.values.get("id_number")
        same = [
            cadre
            for cadre in self.by_name.get(fact.values.get("name"), [])
            if not (number and cadre.id_number_hash)
            and (village is None or cadre.village_id in {None, village.pk})
        ]
        return same[0] if len(same) == 1 else None

    def owner(self, fact) -> Cadre | None:
        """Whom the row's identity number belongs to."""
        number = fact.values.get("id_number")
        return self.by_number.get(keyed_hash(number)) if number else None

    def ambiguous(self, fact, village=None) -> bool:
        """Without a number, several namesakes of the place: which one is meant cannot be told."""
        if fact.known or fact.values.get("id_number"):
            return False
        same = [
            c
            for c in self.by_name.get(fact.values.get("name"), [])
            if village is None or c.village_id == village.pk
        ]
        return len(same) > 1


def judge_person(fact: Fact, setting: Setting, persons: Persons, village=None) -> None:
    """The rules of the screen form, on a row."""
    values = fact.values
    sex = dict(Cadre.Sex.choices).get(values.get("sex"), "")
    problems = []
    if fact.told.keys() & {"id_number", "sex", "born"}:
        problems += rules.identity_agrees(values.get("id_number") or "", sex, values.get("born"))
    life = ("born", "joined_party", "started_work")
    if fact.told.keys() & {*life}:
        problems += rules.life_in_order(*map(values.get, life), setting.day)
    for key, wrong, remedy in problems:
        fact.add(key, wrong, remedy)
    if persons.ambiguous(fact, village):
        fact.add("name", f"有多名叫“{values['name']}”的干部，分不清是哪一位。", "补上身份证号。")
    owner = persons.owner(fact)
    if owner and not fact.known and values.get("name") and owner.name != values["name"]:
        fact.add(
            "name",
            f"这个身份证号登记的姓名是{owner.name}，提交后改为{values['name']}。",
            "不是改名的，核对身份证号。",
            severity="warning",
        )


def judge_owner(fact: Fact, persons: Persons, person: Cadre | None) -> None:
    """A number that the row gives the person it names by its 系统编号 is nobody else's."""
    owner = persons.owner(fact)
    if person and owner and owner.pk != person.pk:
        wrong = f"这个身份证号登记的是{owner.name}，这一行的系统编号是{person.name}的。"
        fact.add("id_number", wrong, "核对号码；是另一个人的，系统编号留空。")


def person_values(fact: Fact) -> dict:
    """What the row says of the person: filled cells only, so that an empty cell never wipes what is known."""
    told = fact.told
    return {key: told[key] for key in PERSON_KEYS if told.get(key) not in (None, "")}
