"""村党组织书记信息表."""

from dataclasses import replace

from banzhuang.ledgers.ledger import Column, Ledger, Write
from banzhuang.ledgers.parsers import PartialDateParser, Text, YesNo
from villages.ledgers import VILLAGE, judge_village, village_context
from villages.models import Organisation

from .. import rules
from ..models import Cadre, Post
from ..models.post import also_director
from ..parameters import TERM_YEARS
from .person import (
    PERSON_KEYS,
    Persons,
    choice,
    columns_of_person,
    judge_owner,
    judge_person,
    person_values,
)

SELECTION = choice(
    Post.Selection,
    retired=("退休干部回村任职", "退休回村任职"),
    early_leave=("提前离岗回村任职",),
    from_office=("机关选派任职", "选派"),
)
ORIGIN = choice(Post.Origin, returnee=("返乡人员", "返乡创业"), retiree=("退休干部",), villager=("本村村民",))


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
        replace(VILLAGE, path="organisation__village"),
        *columns_of_person("cadre__"),
        Column(
            "start",
            "任现职时间",
            PartialDateParser(),
            synonyms=("任职时间", "任书记时间", "任现职日期", "任职起"),
            width=12,
            path="started",
        ),
        Column("term_end", "届满时间", PartialDateParser(), synonyms=("任期届满", "届满", "任期至"), width=12, path="term_ends"),
        Column("also_director", "是否一肩挑", YesNo(), synonyms=("一肩挑", "书记主任一肩挑"), width=8),
        Column("selection", "产生方式", SELECTION, width=14, path="selection"),
        Column("origin", "原身份", ORIGIN, synonyms=("来源", "任前身份"), width=14, path="origin"),
        Column("note", "备注", Text(200), width=20, path="note"),
    )  # fmt: skip
    looked_up = ("also_director",)
    sensitive_of = Cadre
    related = ("cadre__township", "cadre__village", "organisation__village")
    ATTRIBUTES = {
        "started": "start",
        "term_ends": "term_end",
        "selection": "selection",
        "origin": "origin",
        "note": "note",
        "cadre": "name",
    }

    def prepare(self, setting):
        context = village_context(setting)
        context.new_persons = {}
        context.first_rows = {}
        return context

    def load(self, facts, context, setting):
        codes = {fact.values.get("village") for fact in facts}
        context.persons = Persons(facts, setting.user)
        context.organisations = {}
        for row in Organisation.objects.filter(village__code__in=codes, end__isnull=True).select_related(
            "village"
        ):
            kind = "party" if row.kind in Organisation.Kind.party() else row.kind
            context.organisations[row.village.code, kind] = row
        posts = Post.objects.filter(scope_code__in=codes).select_related("cadre", "organisation__village")
        held = list(posts.secretaries().order_by("end"))
        context.secretaries = {post.scope_code: post for post in held if post.end is None}
        context.ended_last = {post.organisation_id: post for post in held if post.end}
        directors = posts.filter(end__isnull=True, title=Post.Title.DIRECTOR)
        context.directors = {post.scope_code: post for post in directors}

    def identity(self, fact):
        return fact.values.get("village")

    def name(self, fact):
        return f"{fact.raw.get('village', '')} {fact.values.get('name', '')}".strip()

    def judge(self, fact, context, setting):
        if fact.known and self.is_other(fact, fact.known):
            self.forget_former(fact)
        village = judge_village(fact, context)
        judge_person(fact, setting, context.persons, village)
        if village is None:
            return
        if fact.known and not self.judge_known(fact, context, village):
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
        problems += self.still_held(fact, context, village)
        problems += self.as_above(fact, context) + self.same_name(fact, former)
        for key, wrong, remedy in problems:
            fact.add(key, wrong, remedy)
        self.judge_director(fact, context.directors.get(village.code), former)

    def judge_director(self, fact, director, former):
        name, told = fact.values.get("name"), fact.told.get("also_director")
        if told and director and director.cadre.name != name:
            fact.add(
                "also_director",
                f"表里写一肩挑，现任村委会主任却是{director.cadre.name}；这一格不导入，其余照常。",
                f"先登记{director.cadre.name}离任，再登记新主任。",
                severity="warning",
            )
        if told is False and fact.known and former is None:
            wrong = f"{name}现在是一肩挑；这一格不导入，其余照常。"
            remedy = "不再兼任的，在“任职”中登记村委会主任离任。"
            fact.add("also_director", wrong, remedy, severity="warning")

    def judge_known(self, fact, context, village) -> bool:
        """Whether the post that the row's 系统编号 names is still the one to be changed: held, and of this village."""
        post = fact.known
        if post.end:
            wrong = f"{post.cadre.name}的任职 {post.ended.iso()} 已经离任。"
            fact.add("system_number", wrong, "重新导出，在新的表里改。")
        elif post.organisation.village_id != village.pk:
            wrong = f"这一行的系统编号是{post.organisation.village}书记{post.cadre.name}的，村不能在这里改。"
            fact.add("village", wrong, "到别村任职的，另起一行，系统编号留空；写错的改回来。")
        else:
            judge_owner(fact, context.persons, None if self.is_other(fact, post) else post.cadre)
            return True
        return False

    def forget_former(self, fact):
        """What the row of a successor still has of the former is not said of the new person; a number is a mistake."""
        if fact.raw.get("id_number") and "id_number" in fact.unchanged:
            wrong = f"姓名和任现职时间改成了{fact.values['name']}的，身份证号还是前任的。"
            fact.add("id_number", wrong, "换人的，改成新任的号码，或清空；只是改名的，任现职时间不要动。")
        for key in fact.unchanged & {*PERSON_KEYS, "term_end"}:
            fact.values.pop(key, None)

    def is_other(self, fact, post: Post) -> bool:
        """Whether the row names another person than the holder of the post: by the number, else by name and start.

        A name or a number alone is put right; a new name with a new start is a successor.
        """
        told = fact.told
        if "name" not in told:
            return False
        return "id_number" in told or "start" in told

    def as_above(self, fact, context) -> list[tuple[str, str, str]]:
        """A person in two villages (跨村任职) is one: what the second row says must be what the first says."""
        number = fact.values.get("id_number")
        first = context.first_rows.setdefault(number, fact) if number else fact
        told = first.told
        return [
            (
                key,
                f"与第 {first.number} 行是同一个身份证号，{self.column(key).label}却不同。",
                "核对两行，改成一致。",
            )
            for key, value in person_values(fact).items()
            if told.get(key) not in (None, "", value)
        ]

    def still_held(self, fact, context, village) -> list[tuple[str, str, str]]:
        """As in the form: a start that is new does not lie in a post that has since ended."""
        start, post = fact.values.get("start"), fact.known or context.secretaries.get(village.code)
        branch = context.organisations.get((village.code, "party"))
        last = context.ended_last.get(branch.pk) if isinstance(branch, Organisation) else None
        if last is None:
            return []
        if post and post.started:
            succeeds = self.former(fact, context, village) is not None
            if succeeds or not Write(Post, post, {"started": start}).changes():
                return []
        return rules.still_held(start, last.cadre.name, last.ended)

    def same_name(self, fact, former) -> list[tuple[str, str, str]]:
        """A number put right is no succession: the secretary in post has the row's name and another number."""
        if former is None or former.cadre.name != fact.values.get("name"):
            return []
        stored = former.cadre.id_number_mask
        wrong = f"现任书记也叫{former.cadre.name}，登记的身份证号是 {stored}，与表里不同。"
        remedy = "核对号码，登记有误的先在“干部”中改正；确是同名的另一人，用“书记接任”登记。"
        return [("id_number", wrong, remedy)]

    def former(self, fact, context, village) -> Post | None:
        """The secretary in post when the row names somebody else."""
        if fact.known:
            return fact.known if self.is_other(fact, fact.known) else None
        post = context.secretaries.get(village.code)
        if post is None:
            return None
        cadre = self.cadre(fact, context, village)
        return None if cadre is not None and cadre.pk == post.cadre_id else post

    def cadre(self, fact, context, village) -> Cadre | None:
        """The row's person; without a number also the secretary in post, who may be another village's (跨村任职)."""
        if fact.known and not self.is_other(fact, fact.known):
            return fact.known.cadre
        post = context.secretaries.get(village.code)
        if post and not fact.values.get("id_number") and post.cadre.name == fact.values.get("name"):
            return post.cadre
        return context.persons.find(fact, village)

    def plan(self, fact, context, setting):
        village = context.by_code[fact.values["village"]]
        person = self.person(fact, context, village)
        branch = fact.known.organisation if fact.known else self.organisation(context, village, "party")
        writes = [write for write in (branch, person) if isinstance(write, Write)]
        former = self.former(fact, context, village)
        post = (fact.known or context.secretaries.get(village.code)) if former is None else None
        told = fact.told
        values = {"started": told.get("start"), "term_ends": told.get("term_end")}
        values |= {key: told.get(key) for key in ("selection", "origin", "note")}
        values = {name: value for name, value in values.items() if value not in (None, "")}
        if former is not None:
            writes.append(self.ending(former, fact, village))
        if post is None:
            values |= {"title": Post.Title.SECRETARY, "cadre": person, "organisation": branch}
        said = self.reckon_term(values, setting) if post is None else ()
        writes.append(Write(Post, post, values, main=True, said=said))
        if told.get("also_director") and village.code not in context.directors:
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

    def reckon_term(self, values: dict, setting) -> tuple[str, ...]:
        """As in the form: a new post without a term has the usual one. → what is said of it."""
        start = values.get("started")
        if start is None or "term_ends" in values:
            return ()
        years = TERM_YEARS.on(start.first)
        ends = rules.term_from(start, years, setting.day)
        if ends is None:
            return ()
        values["term_ends"] = ends
        return (f"届满时间没有填，按任期 {years} 年推算为 {ends.iso()}。",)

    def ending(self, former: Post, fact, village) -> Write:
        start = fact.values["start"]
        return Write(
            Post,
            former,
            {"ended": start, "end_reason": Post.EndReason.UNSTATED},
            said=(
                f"{village}现任书记{former.cadre.name}的任职将止于 {start.iso()}，离任原因记为“未注明”，可在任职中补。",
            ),
        )

    def person(self, fact, context, village) -> Write:
        """The person's row, made once for a file that names a new person in two villages (跨村任职)."""
        cadre = self.cadre(fact, context, village)
        number = fact.values.get("id_number")
        if cadre is None and number in context.new_persons:
            return context.new_persons[number]
        values = person_values(fact)
        if cadre is None:
            sent = fact.values.get("origin") == Post.Origin.OFFICIAL
            values["category"] = Cadre.Category.CLERK if sent else Cadre.Category.VILLAGE
            values |= {"township": village.township, "village": None if sent else village}
        write = Write(Cadre, cadre, values)
        if cadre is None and number:
            context.new_persons[number] = write
        return write

    def organisation(self, context, village, kind):
        """The village's organisation, made with its official name when it is missing."""
        key = (village.code, kind)
        if key not in context.organisations:
            party = kind == "party"
            name = (
                f"中共{village.township}{village}支部委员会"
                if party
                else f"{village.township}{village}村民委员会"
            )
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

    def rows(self, user, day):
        posts = Post.objects.for_user(user).secretaries().of_villages().live(day)
        return posts.order_by("scope_code", "-start", "pk")

    def beside(self, pks, user, day):
        held = Post.objects.filter(also_director(day), pk__in=pks).values_list("pk", flat=True)
        return {"also_director": {**dict.fromkeys(pks, False), **dict.fromkeys(held, True)}}

    def column_of(self, model, name):
        if model is Post:
            return self.ATTRIBUTES.get(name, "")
        return name if model is Cadre and name in PERSON_KEYS else ""
