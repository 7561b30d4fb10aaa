"""Ledgers of cadres: the roster of persons, and the register of village party secretaries."""

from collections import defaultdict

from banzhuang.core.fields import keyed_hash
from banzhuang.ledgers.ledger import Column, Fact, Ledger, Setting, Write
from banzhuang.ledgers.parsers import Choice, IdNumber, PartialDateParser, PersonName, Phone, Text, YesNo
from villages.ledgers import VILLAGE, village_context
from villages.models import Organisation, Township

from . import rules
from .models import Cadre, Post


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
    Cadre.Political, member=("党员", "正式党员"), probationary=("预备党员",), league=("团员",), masses=("群众/无",)
)
ETHNIC = Choice({name: full for full in ("汉族", "回族", "满族", "蒙古族", "朝鲜族", "壮族", "苗族", "土家族", "彝族", "藏族", "维吾尔族", "布依族", "侗族", "瑶族", "白族", "哈尼族", "黎族", "傣族", "畲族") for name in (full, full.removesuffix("族"))})

NAME = Column("name", "姓名", PersonName(), synonyms=("名字", "书记姓名", "党组织书记姓名"), required=True)
PERSON = (
    NAME,
    Column("sex", "性别", choice(Cadre.Sex), width=6),
    Column("ethnic_group", "民族", ETHNIC, width=8),
    Column("born", "出生年月", PartialDateParser(), synonyms=("出生日期", "出生时间"), width=12),
    Column("native_place", "籍贯", Text(60), width=14),
    Column("political_status", "政治面貌", POLITICAL, width=12),
    Column("joined_party", "入党时间", PartialDateParser(), synonyms=("入党日期", "入党年月"), width=12),
    Column("education", "全日制学历", EDUCATION, synonyms=("全日制", "文化程度", "学历", "全日制教育", "文化程度/全日制", "学历/全日制"), width=10),
    Column("in_service_education", "在职学历", EDUCATION, synonyms=("在职", "在职教育", "文化程度/在职", "学历/在职"), width=10),
    Column("school", "毕业院校及专业", Text(100), synonyms=("毕业院校", "毕业学校及专业"), width=24),
    Column("started_work", "参加工作时间", PartialDateParser(), synonyms=("参加工作日期", "工作时间"), width=12),
    Column("id_number", "身份证号", IdNumber(), synonyms=("身份证号码", "公民身份号码", "身份证"), sensitive=True, width=22),
    Column("phone", "联系电话", Phone(), synonyms=("手机", "电话", "手机号", "手机号码", "联系方式"), sensitive=True, width=14),
)  # fmt: skip
PERSON_KEYS = [column.key for column in PERSON]


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

        A namesake with another number is another person.
        """
        number = fact.values.get("id_number")
        if number and keyed_hash(number) in self.by_number:
            return self.by_number[keyed_hash(number)]
        same = [
            cadre
            for cadre in self.by_name.get(fact.values.get("name"), [])
            if not (number and cadre.id_number_hash)
            and (village is None or cadre.village_id in {None, village.pk})
        ]
        return same[0] if len(same) == 1 else None

    def ambiguous(self, fact, village=None) -> bool:
        """Without a number, several namesakes of the place: which one is meant cannot be told."""
        if fact.values.get("id_number"):
            return False
        same = [c for c in self.by_name.get(fact.values.get("name"), []) if village is None or c.village_id == village.pk]
        return len(same) > 1


def judge_person(fact: Fact, setting: Setting, persons: Persons, village=None) -> None:
    """The rules of the screen form, on a row."""
    values = fact.values
    sex = dict(Cadre.Sex.choices).get(values.get("sex"), "")
    problems = rules.identity_agrees(values.get("id_number") or "", sex, values.get("born"))
    problems += rules.life_in_order(values.get("born"), values.get("joined_party"), values.get("started_work"), setting.day)
    for key, wrong, remedy in problems:
        fact.add(key, wrong, remedy)
    if persons.ambiguous(fact, village):
        fact.add("name", f"有多名叫“{values['name']}”的干部，分不清是哪一位。", "补上身份证号。")


def person_values(fact: Fact) -> dict:
    """What the row says of the person: filled cells only, so that an empty cell never wipes what is known."""
    return {key: fact.values[key] for key in PERSON_KEYS if fact.values.get(key) not in (None, "")}


class CadresLedger(Ledger):
    """干部花名册: one person a row."""

    kind = "cadres"
    label = "干部花名册"
    mechanism = "M1"
    model = Cadre
    writes = (Cadre,)
    title_words = ("名册", "花名册", "领导班子", "干部")
    columns = (
        *PERSON,
        Column("position", "职务", Text(60), synonyms=("现任职务", "职位", "工作单位及职务"), width=16),
        Column("category", "人员类别", choice(Cadre.Category), synonyms=("类别", "干部类别"), width=12),
        Column("village", "村", VILLAGE.parser, synonyms=VILLAGE.synonyms[:-1], width=14),
        Column("note", "备注", Text(200), width=20),
    )
    OWN = ("position", "category", "note")
    LEADING = ("党委", "镇长", "人大", "纪委", "武装部", "政协")

    def prepare(self, setting):
        context = village_context(setting)
        code = setting.user.scope[:9]
        context.township = Township.objects.for_user(setting.user).filter(code=code).first()
        return context

    def load(self, facts, context, setting):
        context.persons = Persons(facts, setting.user)

    def identity(self, fact):
        number = fact.values.get("id_number")
        return number or (fact.values.get("name"), fact.values.get("village"))

    def name(self, fact):
        return fact.values.get("name", "")

    def judge(self, fact, context, setting):
        village = context.by_code.get(fact.values.get("village"))
        judge_person(fact, setting, context.persons, village)
        if context.township is None:
            fact.add("name", "账号的范围不是一个镇，不知道这名干部属于哪个镇。", "由镇里的账号导入。")

    def plan(self, fact, context, setting):
        village = context.by_code.get(fact.values.get("village"))
        cadre = context.persons.find(fact, village)
        values = person_values(fact)
        values |= {key: fact.values[key] for key in self.OWN if fact.values.get(key)}
        if village is not None:
            values["village"] = village
        if cadre is None:
            values.setdefault("category", self.category(values, village))
            values["township"] = village.township if village else context.township
        return [Write(Cadre, cadre, values, main=True)]

    def category(self, values, village) -> str:
        """What a new person is when the roster has no such column: by village, else by the words of the title."""
        if village is not None:
            return Cadre.Category.VILLAGE
        leads = values.get("position", "").startswith(self.LEADING) or values.get("position", "").endswith("镇长")
        return Cadre.Category.LEADER if leads else Cadre.Category.CLERK

    def column_of(self, model, name):
        return name if name in {column.key for column in self.columns} else ""


class SecretariesLedger(Ledger):
    """村党组织书记信息表: a person, the post of secretary, and with “一肩挑” the post of 村委会主任.

    Another person than the secretary in post is a successor: the former's post ends on the day the new one starts.
    """

    kind = "secretaries"
    label = "村党组织书记"
    mechanism = "M1"
    model = Post
    writes = (Organisation, Cadre, Post)
    title_words = ("书记",)
    columns = (
        VILLAGE,
        *PERSON,
        Column("start", "任现职时间", PartialDateParser(), synonyms=("任职时间", "任书记时间", "任现职日期", "任职起"), width=12),
        Column("term_end", "届满时间", PartialDateParser(), synonyms=("任期届满", "届满", "任期至"), width=12),
        Column("also_director", "是否一肩挑", YesNo(), synonyms=("一肩挑", "书记主任一肩挑"), width=8),
        Column("selection", "产生方式", choice(Post.Selection, retired=("退休干部回村任职", "退休回村任职"), early_leave=("提前离岗回村任职",), from_office=("机关选派任职", "选派")), width=14),
        Column("origin", "原身份", choice(Post.Origin, returnee=("返乡人员", "返乡创业"), retiree=("退休干部",), villager=("本村村民",)), synonyms=("来源", "任前身份"), width=14),
        Column("note", "备注", Text(200), width=20),
    )  # fmt: skip
    ATTRIBUTES = {"started": "start", "term_ends": "term_end", "selection": "selection", "origin": "origin", "note": "note", "cadre": "name"}

    def prepare(self, setting):
        return village_context(setting)

    def load(self, facts, context, setting):
        codes = {fact.values.get("village") for fact in facts}
        context.persons = Persons(facts, setting.user)
        context.organisations = {}
        for row in Organisation.objects.filter(village__code__in=codes, end__isnull=True).select_related("village"):
            kind = "party" if row.kind in Organisation.Kind.party() else row.kind
            context.organisations[row.village.code, kind] = row
        live = Post.objects.filter(scope_code__in=codes, end__isnull=True).select_related("cadre", "organisation__village")
        context.secretaries = {post.scope_code: post for post in live.secretaries()}
        context.directors = {post.scope_code: post for post in live.filter(title=Post.Title.DIRECTOR)}

    def identity(self, fact):
        return fact.values.get("village")

    def name(self, fact):
        return f"{fact.raw.get('village', '')} {fact.values.get('name', '')}".strip()

    def judge(self, fact, context, setting):
        village = context.by_code.get(fact.values.get("village"))
        judge_person(fact, setting, context.persons, village)
        if village is None:
            return
        former = self.former(fact, context, village)
        problems = rules.succession_in_order(
            fact.values.get("start"),
            former.started if former else None,
            former.cadre.name if former else "",
            setting.day,
        )
        if former and not fact.values.get("start"):
            problems.append(
                (
                    "start" if "start" in fact.present else "name",
                    f"{village}现任书记是{former.cadre.name}，换人要有任现职时间，前任才知道何时离任。",
                    "补上任现职时间。",
                )
            )
        for key, wrong, remedy in problems:
            fact.add(key, wrong, remedy)
        director = context.directors.get(village.code)
        if fact.values.get("also_director") and director and director.cadre.name != fact.values.get("name"):
            fact.add(
                "also_director",
                f"表里写一肩挑，现任村委会主任却是{director.cadre.name}；这一格不导入，其余照常。",
                f"先登记{director.cadre.name}离任，再登记新主任。",
                severity="warning",
            )

    def former(self, fact, context, village) -> Post | None:
        """The secretary in post when the row names somebody else."""
        post = context.secretaries.get(village.code)
        if post is None:
            return None
        cadre = context.persons.find(fact, village)
        return None if cadre is not None and cadre.pk == post.cadre_id else post

    def plan(self, fact, context, setting):
        village = context.by_code[fact.values["village"]]
        person = self.person(fact, context, village)
        branch = self.organisation(context, village, "party")
        writes = [write for write in (branch, person) if isinstance(write, Write)]
        former = self.former(fact, context, village)
        post = context.secretaries.get(village.code) if former is None else None
        values = {"started": fact.values.get("start"), "term_ends": fact.values.get("term_end")}
        values |= {key: fact.values.get(key) for key in ("selection", "origin", "note")}
        values = {name: value for name, value in values.items() if value not in (None, "")}
        if former is not None:
            writes.append(self.ending(former, fact, village))
        if post is None:
            values |= {"title": Post.Title.SECRETARY, "cadre": person, "organisation": branch}
        writes.append(Write(Post, post, values, main=True))
        if fact.values.get("also_director") and village.code not in context.directors:
            committee = self.organisation(context, village, Organisation.Kind.VILLAGE_COMMITTEE)
            if isinstance(committee, Write):
                writes.append(committee)
            writes.append(
                Write(
                    Post,
                    None,
                    {"title": Post.Title.DIRECTOR, "cadre": person, "organisation": committee},
                    said=("同时登记为村委会主任（一肩挑），主任的起任时间表里没有，记为不详。",),
                )
            )
        return writes

    def ending(self, former: Post, fact, village) -> Write:
        start = fact.values["start"]
        return Write(
            Post,
            former,
            {"ended": start, "end_reason": Post.EndReason.UNSTATED},
            said=(f"{village}现任书记{former.cadre.name}的任职将止于 {start.iso()}，离任原因记为“未注明”，可在任职中补。",),
        )

    def person(self, fact, context, village) -> Write:
        cadre = context.persons.find(fact, village)
        values = person_values(fact)
        if cadre is None:
            sent = fact.values.get("origin") == Post.Origin.OFFICIAL
            values["category"] = Cadre.Category.CLERK if sent else Cadre.Category.VILLAGE
            values |= {"township": village.township, "village": None if sent else village}
        return Write(Cadre, cadre, values)

    def organisation(self, context, village, kind):
        """The village's organisation, made with its official name when it is missing."""
        key = (village.code, kind)
        if key not in context.organisations:
            party = kind == "party"
            name = f"中共{village.township}{village}支部委员会" if party else f"{village.township}{village}村民委员会"
            context.organisations[key] = Write(
                Organisation,
                None,
                {
                    "kind": Organisation.Kind.BRANCH if party else kind,
                    "name": name,
                    "township": village.township,
                    "village": village,
                },
            )
        return context.organisations[key]

    def column_of(self, model, name):
        if model is Post:
            return self.ATTRIBUTES.get(name, "")
        return name if model is Cadre and name in PERSON_KEYS else ""


LEDGERS = [CadresLedger(), SecretariesLedger()]
