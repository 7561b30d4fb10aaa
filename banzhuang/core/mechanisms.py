"""The seventeen mechanisms of the report, in its order, under its own headings.

They are the skeleton of navigation, lights and the monthly workbook. A mechanism is shown once an app has
declared something for it.
"""

from dataclasses import dataclass

ENGINEERING, ACTIONS, DEEDS = "三大工程", "三大行动", "三件实事"


@dataclass(frozen=True)
class Mechanism:
    code: str
    title: str
    office: str
    group: str


MECHANISMS = {
    mechanism.code: mechanism
    for mechanism in [
        Mechanism("M1", "选准带头人", "组织办", ENGINEERING),
        Mechanism("M2", "育强带头人", "组织办", ENGINEERING),
        Mechanism("M3", "管好带头人", "组织办", ENGINEERING),
        Mechanism("M4", "后备结对", "组织办", ENGINEERING),
        Mechanism("M5", "大学生村官", "组织办", ENGINEERING),
        Mechanism("M6", "开门纳新", "组织办", ENGINEERING),
        Mechanism("M7", "服务中心", "组织办", ENGINEERING),
        Mechanism("M8", "软弱涣散整顿", "组织办", ENGINEERING),
        Mechanism("M9", "工作日志", "党建办", ENGINEERING),
        Mechanism("M10", "坐班代办", "组织办", ENGINEERING),
        Mechanism("M11", "工业强镇", "经发办", ACTIONS),
        Mechanism("M12", "城镇靓化", "村建环卫办", ACTIONS),
        Mechanism("M13", "山区开发", "村建环卫办", ACTIONS),
        Mechanism("M14", "助贫帮困", "民政帮扶办", DEEDS),
        Mechanism("M15", "垃圾清运", "村建环卫办", DEEDS),
        Mechanism("M16", "民心路", "村建环卫办", DEEDS),
        Mechanism("M17", "评先创优", "党建办", ENGINEERING),
    ]
}
