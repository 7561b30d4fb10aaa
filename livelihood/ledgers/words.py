"""Words that ledgers of households use for relations, causes, labels, health; each with what it means here."""

import re

from banzhuang.core.text import compact
from banzhuang.ledgers.lists import Several
from banzhuang.ledgers.parsers import Choice, Parsed
from cadres.ledgers.person import choice

from ..models import HouseholdLabel, HouseholdYear, Member
from ..models.household import Cause, Health

HEAD = "head"
Relation, Label = Member.Relation, HouseholdLabel.Kind

# 之妻, 长子, 三女 … are made of these.
KIN = {
    Relation.SPOUSE: "配偶 妻 妻子 夫 丈夫 老伴 爱人",
    Relation.SON: "子 儿子 独生子 养子 继子 儿",
    Relation.DAUGHTER: "女 女儿 独生女 养女 继女",
    Relation.DAUGHTER_IN_LAW: "儿媳 儿媳妇 媳妇 媳",
    Relation.SON_IN_LAW: "女婿",
    Relation.GRANDCHILD: "孙子女 孙子 孙女 孙 孙儿 曾孙 曾孙子 曾孙女 重孙 重孙子 重孙女 孙媳 孙媳妇",
    Relation.DAUGHTERS_CHILD: "外孙子女 外孙 外孙子 外孙女",
    Relation.PARENT: "父母 父 母 父亲 母亲 继父 继母 养父 养母",
    Relation.PARENT_IN_LAW: "岳父母、公婆 岳父 岳母 公公 婆婆 公 婆 公婆",
    Relation.GRANDPARENT: "祖父母 祖父 祖母 爷爷 奶奶 外祖父 外祖母 外公 外婆",
    Relation.SIBLING: "兄弟姐妹 兄 弟 姐 妹 哥哥 弟弟 姐姐 妹妹 哥 姊 兄弟 姐妹",
    Relation.OTHER: "其他 其它 亲属 其他亲属 非亲属 侄子 侄女 侄儿 外甥 外甥女 嫂子 弟媳",
}
NUMBERED = "长大次二三四五六小幼"
NUMBERED_KIN = {Relation.SON: "子", Relation.DAUGHTER: "女", Relation.GRANDCHILD: ("孙", "孙子", "孙女")}


def relation_words() -> dict[str, str]:
    """{word: relation}; the first word of each is its label."""
    words = dict.fromkeys(("户主", "本人", "户主本人"), HEAD)
    for relation, kin in KIN.items():
        found = [Relation(relation).label, *kin.split()]
        found += [order + kin for kin in NUMBERED_KIN.get(relation, ()) for order in NUMBERED]
        for word in found:
            words.setdefault(word, relation)
            words.setdefault(f"之{word}", relation)
    return words


RELATION = Choice(relation_words())
CAUSES = Several(
    {
        **{label: value for value, label in Cause.choices},
        **dict.fromkeys(("因灾致贫", "灾害"), Cause.DISASTER),
        **dict.fromkeys(("因病致贫", "疾病", "大病"), Cause.ILLNESS),
        **dict.fromkeys(("因残致贫", "残疾"), Cause.DISABILITY),
        **dict.fromkeys(("因学致贫", "上学", "供学生"), Cause.SCHOOLING),
        **dict.fromkeys(("无技术",), Cause.SKILL),
        **dict.fromkeys(("缺劳动力", "无劳力", "无劳动力", "缺乏劳力", "缺乏劳动力"), Cause.LABOUR),
        **dict.fromkeys(("无资金",), Cause.FUNDS),
        **dict.fromkeys(("其它", "因婚", "因丧", "缺土地", "缺水", "交通条件落后", "自身发展动力不足"), Cause.OTHER),
    }
)  # fmt: skip
HOUSING = choice(
    HouseholdYear.Housing,
    safe=("安全", "住房安全", "A级", "B级", "有安全住房"),
    grade_c=("C级", "危房C级"),
    grade_d=("D级", "危房D级"),
    none=("无住房",),
)
HEALTH = choice(
    Health,
    healthy=("良好", "一般", "健康或良好"),
    chronic=("慢性病", "长期病", "患有慢性病", "患长期慢性病"),
    serious=("大病", "重病", "患大病", "患重病"),
    disabled=("残", "肢体残疾", "视力残疾", "听力残疾", "智力残疾", "精神残疾", "患残疾"),
)
SKILL = choice(
    Member.Skill,
    skilled=("技能劳动者", "技能"),
    ordinary=("普通劳动者", "普通", "有劳动能力", "有"),
    weak=("弱劳动力", "半劳动力", "弱劳力", "半劳力"),
    none=("丧失劳动力", "无劳动能力", "无劳力", "丧失劳动能力", "无"),
)


NEGATED = "[非未不停]"
LEFT = re.compile("退出|取消|清退|停发|申请|拟|疑似")


class Labels(Several):
    """What a household counts as. A title that names one kind (建档立卡户台账) says it of every row."""

    GENERAL = "贫困户"  # in a title, this may be anybody poor

    def around(self, texts, context):
        written = compact("/".join(texts))
        if LEFT.search(written):  # who was, or may come to be, is not
            return Parsed(None)
        words = [word for word in self.choice.values if word.endswith("户") and word != self.GENERAL]
        found = [word for word in words if re.search(f"(?<!{NEGATED}){word}", written)]
        kinds = {
            self.choice.values[word]
            for word in found
            if not any(word in other and word != other for other in found)
        }
        return Parsed(list(kinds) if len(kinds) == 1 else None)


LABELS = Labels(
    {
        **{label: value for value, label in Label.choices},
        **dict.fromkeys(("建档立卡", "建档立卡贫困户", "贫困户", "一般贫困户", "建档立卡一般户"), Label.REGISTERED),
        **dict.fromkeys(("已脱贫", "已脱贫户", "建档立卡脱贫户", "稳定脱贫户"), Label.LIFTED),
        **dict.fromkeys(("脱贫不稳定",), Label.UNSTABLE),
        **dict.fromkeys(("边缘户", "边缘易致贫"), Label.MARGINAL),
        **dict.fromkeys(("突发严重困难", "突发困难户"), Label.HARDSHIP),
        **dict.fromkeys(("低保户", "农村低保", "最低生活保障", "享受低保", "低保贫困户"), Label.MINIMUM),
        **dict.fromkeys(("低保边缘户", "低保边缘家庭"), Label.MINIMUM_MARGINAL),
        **dict.fromkeys(
            ("特困户", "五保", "五保户", "农村五保", "特困供养", "特困人员", "特困供养人员", "分散供养", "集中供养"),
            Label.DESTITUTE,
        ),
        **dict.fromkeys(("低收入户", "低收入", "低收入人口"), Label.LOW_INCOME),
        **dict.fromkeys(("其他", "其它"), Label.OTHER),
    }
)  # fmt: skip
