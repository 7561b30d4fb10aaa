"""村党组织书记信息表."""

from banzhuang.ledgers.ledger import Column, Ledger, Write
from banzhuang.ledgers.parsers import PartialDateParser, Text, YesNo
from villages.ledgers import VILLAGE, judge_village, village_context
from villages.models import Organisation

from .. import rules
from ..models import Cadre, Post
from ..parameters import TERM_YEARS
from .person import PERSON, PERSON_KEYS, Persons, choice, judge_person, person_values

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
        VILLAGE,
        *PERSON,
        Column("start", "任现职时间", PartialDateParser(), synonyms=("任职时间", "任书记时间", "任现职日期", "任职起"), width=12),
        Column("term_end", "届满时间", PartialDateParser(), synonyms=("任期届满", "届满", "任期至"), width=12),
        Column("also_director", "是否一肩挑", YesNo(), synonyms=("一肩挑", "书记主任一肩挑"), width=8),
        Column("selection", "产生方式", SELECTION, width=14),
        Column("origin", "原身份", ORIGIN, synonyms=("来源", "任前身份"), width=14),
        Column("note", "备注", Text(200), width=20),
    )  # fmt: skip
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
        village = judge_village(fact, context)
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
        problems += self.still_held(fact, context, village)
        problems += self.as_above(fact, context) + self.same_name(fact, former)
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

    def as_above(self, fact, context) -> list[tuple[str, str, str]]:
        """A person in two villages (跨村任职) is one: what the second row says must be what the first says."""
        number = fact.values.get("id_number")
        first = context.first_rows.setdefault(number, fact) if number else fact
        return [
            (
                key,
                f"与第 {first.number} 行是同一个身份证号，{self.column(key).label}却不同。",
                "核对两行，改成一致。",
            )
            for key, value in person_values(fact).items()
            if first.values.get(key) not in (None, "", value)
        ]

    def still_held(self, fact, context, village) -> list[tuple[str, str, str]]:
        """As in the form: a start that is new does not lie in a post that has since ended."""
        start, post = fact.values.get("start"), context.secretaries.get(village.code)
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
        post = context.secretaries.get(village.code)
        if post is None:
            return None
        cadre = self.cadre(fact, context, village)
        return None if cadre is not None and cadre.pk == post.cadre_id else post

    def cadre(self, fact, context, village) -> Cadre | None:
        """The row's person; without a number also the secretary in post, who may be another village's (跨村任职)."""
        post = context.secretaries.get(village.code)
        if post and not fact.values.get("id_number") and post.cadre.name == fact.values.get("name"):
            return post.cadre
        return context.persons.find(fact, village)

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
        said = self.reckon_term(values, setting) if post is None else ()
        writes.append(Write(Post, post, values, main=True, said=said))
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

    def column_of(self, model, name):
        if model is Post:
            return self.ATTRIBUTES.get(name, "")
        return name if model is Cadre and name in PERSON_KEYS else ""
