"""Column lists of the shapes that the ledgers of the township have, for the tests of header and parsers."""

from banzhuang.ledgers.ledger import Column, Ledger
from banzhuang.ledgers.parsers import (
    Amount,
    Choice,
    IdNumber,
    Integer,
    PartialDateParser,
    PersonName,
    Phone,
    Text,
    YesNo,
)
from banzhuang.ledgers.periods import Month, month_header
from banzhuang.ledgers.spread import Spread, village_header
from banzhuang.ledgers.village_names import VillageName

SEX = Choice({"男": "male", "女": "female"})
ETHNIC = Choice({"汉族": "han", "汉": "han", "回族": "hui"})

CADRES = (
    Column("name", "姓名", PersonName(), ("名字",), required=True),
    Column("sex", "性别", SEX),
    Column("born", "出生年月", PartialDateParser(), ("出生日期",)),
    Column("position", "职务", Text()),
    Column("political_status", "政治面貌", Text()),
    Column(
        "id_number", "身份证号", IdNumber(), ("身份证号码", "公民身份号码"), required=True, sensitive=True
    ),
    Column("phone", "联系电话", Phone(), ("手机", "电话"), sensitive=True),
)

SECRETARIES = (
    Column("village", "村", VillageName(), ("村名", "所在村", "村别", "行政村"), required=True),
    Column("name", "姓名", PersonName(), ("名字",), required=True),
    Column("sex", "性别", SEX),
    Column("ethnic_group", "民族", ETHNIC),
    Column("born", "出生年月", PartialDateParser(), ("出生日期",)),
    Column("joined_party", "入党时间", PartialDateParser()),
    Column("education", "全日制学历", Text(), ("文化程度/全日制", "学历", "文化程度")),
    Column("in_service_education", "在职学历", Text(), ("文化程度/在职", "在职")),
    Column("started_work", "参加工作时间", PartialDateParser()),
    Column("origin", "原身份", Text()),
    Column("start", "任现职时间", PartialDateParser("month")),
    Column("both", "是否一肩挑", YesNo()),
    Column("selection", "产生方式", Text()),
    Column("id_number", "身份证号", IdNumber(), ("身份证号码", "公民身份号码"), sensitive=True),
    Column("phone", "联系电话", Phone(), ("手机", "电话"), sensitive=True),
    Column("note", "备注", Text()),
)

INVESTMENTS = (
    Column("stage", "项目阶段", Text()),
    Column("project", "项目名称", Text(), required=True),
    Column("total", "计划总投资", Amount("万元")),
    Column("arrived", "到位资金", Amount("万元")),
    Column("area", "用地", Amount("亩")),
    Column("signed_on", "签约时间", PartialDateParser()),
)

HOUSEHOLDS = (
    Column("village", "村", VillageName(), ("村名", "所在村")),
    Column("name", "户主", PersonName(), ("户主姓名",), required=True),
    Column("members", "家庭人口", Integer(1, 20)),
    Column("causes", "致贫原因", Text()),
)

WASTE = (
    Column("village", "村", VillageName(), ("村名", "村别", "单位"), required=True, around=True),
    Column("month", "月份", Month(), required=True, around=True),
    Column("tonnes", "清运量", Amount("吨"), ("清运总量", "垃圾清运量"), required=True),
    Column("note", "备注", Text()),
)
FIGURES = (
    Column("indicator", "指标", Text(), ("指标名称", "项目"), required=True),
    Column("village", "村", VillageName(), required=True),
    Column("figure", "数值", Integer(), required=True),
)


class Declared(Ledger):
    def __init__(self, kind, columns, *title_words, spread=None):
        self.kind, self.columns, self.title_words = kind, columns, title_words
        self.spread = spread

    def identity(self, fact):
        keys = [key for key in ("village", "indicator", "month") if self.column(key)]
        named = tuple(fact.values.get(key) for key in keys)
        return named if self.spread and None not in named else None


WASTE_LEDGER = Declared("waste", WASTE, "清运", "垃圾", spread=Spread("month", "tonnes", month_header))
FIGURES_LEDGER = Declared("figures", FIGURES, "指标", spread=Spread("village", "figure", village_header))


LEDGERS = [
    Declared("cadres", CADRES, "名册"),
    Declared("secretaries", SECRETARIES, "书记"),
    Declared("investments", INVESTMENTS, "招商"),
    Declared("households", HOUSEHOLDS, "建档立卡"),
]
