"""干部花名册."""

from banzhuang.ledgers.ledger import Column, Ledger, Write
from banzhuang.ledgers.parsers import Text
from villages.ledgers import VILLAGE, judge_village, village_context
from villages.models import Township

from ..models import Cadre
from .person import Persons, choice, columns_of_person, judge_owner, judge_person, person_values


class CadresLedger(Ledger):
    """干部花名册: one person a row."""

    kind = "cadres"
    label = "干部花名册"
    mechanism = "M1"
    model = Cadre
    writes = (Cadre,)
    title_words = ("名册", "花名册", "领导班子", "干部")
    columns = (
        *columns_of_person(),
        Column("position", "职务", Text(60), synonyms=("现任职务", "职位", "工作单位及职务"), width=16, path="position"),
        Column("category", "人员类别", choice(Cadre.Category), synonyms=("类别", "干部类别"), width=12, path="category"),
        Column("village", "村", VILLAGE.parser, synonyms=VILLAGE.synonyms[:-1], width=14, path="village"),
        Column("note", "备注", Text(200), width=20, path="note"),
    )  # fmt: skip
    related = ("township", "village")
    OWN = ("position", "category", "note")
    LEADING = ("党委", "镇长", "人大", "纪委", "武装部", "政协")

    def prepare(self, setting):
        context = village_context(setting)
        code = setting.user.scope[:9]
        context.township = Township.objects.for_user(setting.user).filter(code=code).first()
        context.first_rows = {}
        return context

    def load(self, facts, context, setting):
        context.persons = Persons(facts, setting.user)

    def identity(self, fact):
        number = fact.values.get("id_number")
        return number or (fact.values.get("name"), fact.values.get("village"))

    def name(self, fact):
        return fact.values.get("name", "")

    def judge(self, fact, context, setting):
        village = judge_village(fact, context)
        judge_person(fact, setting, context.persons, village)
        judge_owner(fact, context.persons, fact.known)
        self.judge_namesake(fact, context)
        if context.township is None and fact.known is None:
            fact.add("name", "账号的范围不是一个镇，不知道这名干部属于哪个镇。", "由镇里的账号导入。")

    def judge_namesake(self, fact, context):
        """Two rows of one name and place are two persons if both have a number; else nobody can tell, and one person
        would be made twice."""
        name, number = fact.values.get("name"), fact.values.get("id_number")
        if not name or fact.known:
            return
        first = context.first_rows.setdefault((name, fact.values.get("village")), fact)
        if first is not fact and (number is None) != (first.values.get("id_number") is None):
            where = "" if first.sheet == fact.sheet else f"工作表“{first.sheet}”"
            wrong = f"与{where}第 {first.number} 行同名，只有一行有身份证号，分不清是不是同一人。"
            fact.add("name", wrong, "是同一人的，并成一行；是两人的，都补上身份证号。")

    def plan(self, fact, context, setting):
        village = context.by_code.get(fact.values.get("village"))
        cadre, told = context.persons.find(fact, village), fact.told
        values = person_values(fact)
        values |= {key: told[key] for key in self.OWN if told.get(key)}
        if village is not None and "village" in told:
            values["village"] = village
        if cadre is None:
            values.setdefault("category", self.category(values, village))
            values["township"] = village.township if village else context.township
        return [Write(Cadre, cadre, values, main=True)]

    def category(self, values, village) -> str:
        """What a new person is when the roster has no such column: by village, else by the words of the title."""
        if village is not None:
            return Cadre.Category.VILLAGE
        leads = values.get("position", "").startswith(self.LEADING) or values.get("position", "").endswith(
            "镇长"
        )
        return Cadre.Category.LEADER if leads else Cadre.Category.CLERK

    def rows(self, user, day):
        return Cadre.objects.for_user(user).at_work(day).order_by("scope_code", "initials", "pk")

    def column_of(self, model, name):
        return name if name in {column.key for column in self.columns} else ""
