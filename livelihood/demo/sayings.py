"""What was heard and done on the demo's visits where nothing was left to do, all invented; for the rest see wishes.py.

`who` is whom a saying fits: "any", or "pupil", "worker", "ill", "disabled", "old", "party" of a household's traits.
`months` are those in which it is said, none for all the year.
"""

from typing import NamedTuple

SOLVED, NOTHING = "solved", "none"
WINTER, RAINS, HARVEST = (11, 12, 1, 2), (6, 7, 8, 9), (9, 10)


class Saying(NamedTuple):
    topic: str
    who: str
    heard: str
    measures: str
    result: str = SOLVED
    months: tuple[int, ...] = ()


SAYINGS = [
    Saying(
        "housing",
        "any",
        "卧室窗户关不严，夜里进风。",
        "联系村里木工当天更换合页和密封条。",
        months=(10, 11, 12, 1, 2, 3),
    ),
    Saying("housing", "any", "院墙有一段下沉，担心倒塌。", "与村干部实地查看，当天用砖支护，清走墙边杂物。"),
    Saying("housing", "any", "厨房烟道堵塞，做饭倒烟。", "和村干部一起清通烟道，更换一截铁皮烟管。"),
    Saying("housing", "any", "雨季前担心老屋漏雨。", "上屋顶逐片检查，补换破瓦12片。", months=(5, 6, 7, 8)),
    Saying("housing", "any", "屋内电线老化，插座松动。", "联系供电所当天换线，加装漏电保护器。"),
    Saying("housing", "any", "新屋已入住，门前地面不平。", "村里拉来石粉，垫平门前路面。"),
    Saying(
        "housing",
        "any",
        "住房安全，屋内整洁，没有困难。",
        "查看用电和灶台，提醒用火安全。",
        NOTHING,
    ),
    Saying("medical", "ill", "高血压药常缺货，要到城里买。", "联系镇卫生院按月预留，由村医送药上门。"),
    Saying("medical", "ill", "住院报销单据不知交到哪里。", "当场拨打医保窗口电话，由村干部代办报送。"),
    Saying("medical", "ill", "门诊慢性病待遇还没有办。", "帮助备齐病历复印件，当天送镇医保窗口受理。"),
    Saying(
        "medical", "ill", "手术后行动不便，复查没有车接送。", "联系村里志愿者开车接送，陪同到区人民医院复查。"
    ),
    Saying(
        "medical", "old", "家庭医生签约后很久没有来随访。", "联系村卫生室，约定每月第一周上门测血压、血糖。"
    ),
    Saying(
        "medical",
        "any",
        "不知道今年的居民医保缴了没有。",
        "核实属于代缴对象，当场查询确认已代缴。",
        months=(10, 11, 12, 1, 2),
    ),
    Saying("medical", "ill", "病情稳定，按时服药。", "查看药盒和病历本，叮嘱定期复查。", NOTHING),
    Saying("medical", "disabled", "轮椅轮胎漏气，出门不便。", "联系修理铺上门补胎，更换刹车片。"),
    Saying(
        "medical", "disabled", "残疾证快到期，不知怎样换。", "讲清换证办法，登记了残联上门服务。", NOTHING
    ),
    Saying(
        "schooling",
        "pupil",
        "孩子上学路远，天黑早，路上不安全。",
        "协调校车在村口增设停靠点。",
        months=WINTER,
    ),
    Saying("schooling", "pupil", "孩子学习跟不上，家里没人辅导。", "联系学校志愿教师，每周三放学后辅导。"),
    Saying(
        "schooling",
        "pupil",
        "不清楚困难学生补助怎样申请。",
        "逐项讲解条件，帮助填表并备齐证明。",
        months=(2, 3, 9, 10),
    ),
    Saying(
        "schooling",
        "pupil",
        "开学书本、校服花费有压力。",
        "与学校对接，落实困难学生补助，减免校服费。",
        months=(2, 8, 9),
    ),
    Saying(
        "schooling", "pupil", "孩子成绩稳定，生活补助已到账。", "查看到账短信，鼓励孩子安心学习。", NOTHING
    ),
    Saying(
        "schooling",
        "pupil",
        "孩子放学后总看手机，管不住。",
        "与家长和孩子谈心，商定每天不超过半小时。",
        NOTHING,
    ),
    Saying("water", "any", "早晚用水高峰水压低。", "联系水务站，当天更换户内老化阀门。"),
    Saying("water", "any", "自来水龙头冻裂。", "村水管员当天更换龙头，包裹保温棉。", months=(12, 1, 2)),
    Saying("water", "any", "雨后自来水发浑。", "水务站取样检测合格，告知放水后使用。", months=RAINS),
    Saying("water", "any", "水卡丢失，充不了值。", "陪同到水务站补办水卡。"),
    Saying("water", "any", "饮水正常，水质没有异味。", "查看出水和水缸，记下水表读数。", NOTHING),
    Saying("work", "worker", "想就近务工，不愿远走。", "推荐到镇上石材企业做包装工，当天面试录用。"),
    Saying("work", "any", "三亩花生缺人收。", "联系村志愿服务队帮收一天。", months=HARVEST),
    Saying("work", "any", "麦子熟了，等不到收割机。", "协调农机合作社优先收割，按成本收费。", months=(6,)),
    Saying("work", "worker", "想养鹅，没有技术和鹅苗。", "请镇农技员上门讲解，合作社赊销鹅苗50只。"),
    Saying("work", "any", "自家番茄卖不出去。", "联系电商服务站收购200斤。", months=(5, 6, 7)),
    Saying("work", "worker", "公益性岗位上月工资没有到账。", "核对发放表，当天补发到账。"),
    Saying("work", "worker", "在镇上服装厂务工，收入稳定。", "了解出勤和工资发放，提醒续签合同。", NOTHING),
    Saying("work", "any", "板栗树不会修剪，产量低。", "请林业站技术员到地头示范修剪。", months=(1, 2, 3)),
    Saying("work", "worker", "想学一门手艺。", "帮助报名区里免费电工班。"),
    Saying("other", "any", "节前缺过冬棉被。", "送去棉被一床、米面油各一份。", months=(12, 1)),
    Saying("other", "old", "老人独居，担心夜里发病没人知道。", "装好一键呼叫器，约好邻居早晚各看一次。"),
    Saying("other", "old", "身份证到期，腿脚不便办不了。", "联系派出所上门采集照片，代办换证。"),
    Saying("other", "old", "养老待遇资格认证不会操作。", "用手机帮助完成认证。"),
    Saying("other", "any", "社保卡密码忘记，取不了钱。", "陪同到农商行网点重置密码。"),
    Saying("other", "any", "记不清补助什么时候到账。", "查对存折，逐项讲清发放日期。", NOTHING),
    Saying("other", "any", "地界与邻居有争议。", "会同村调解员现场丈量，双方当场签字。"),
    Saying("other", "any", "三伏天屋里闷热。", "送去电风扇一台，检查了线路。", months=(7, 8)),
    Saying(
        "other",
        "any",
        "用煤炉取暖，屋里不通风。",
        "加装烟管，开好通风口，讲清防煤气中毒办法。",
        months=WINTER,
    ),
    Saying("other", "any", "门前路灯不亮。", "报村里当天更换灯头。"),
    Saying("other", "any", "电视信号时断时续。", "联系广电站更换接线盒。"),
    Saying(
        "other",
        "any",
        "想了解低保政策有什么变化。",
        "逐条讲解认定条件和申请程序，留下民政窗口电话。",
        NOTHING,
    ),
    Saying("other", "any", "秋收顺利，粮食已入仓。", "查看存粮，提醒防潮防鼠。", NOTHING, (10, 11)),
    Saying("other", "any", "近来都好，没有反映困难。", "了解收支、就医情况，宣讲帮扶政策。", NOTHING),
    Saying(
        "housing", "any", "屋檐水滴到墙根，墙面返潮。", "和村干部一起接好落水管，墙根开了浅沟。", months=RAINS
    ),
    Saying("housing", "old", "门槛高，老人进出不便。", "请木工垫了斜坡，门边装了扶手。"),
    Saying("medical", "ill", "近来睡不好，头晕。", "请村医当场量血压，调整了服药时间。"),
    Saying("medical", "any", "疫苗什么时候打不清楚。", "问明接种安排，约好村医上门登记。", NOTHING, (10, 11)),
    Saying("schooling", "pupil", "家里没有像样的书桌。", "送去书桌一张、台灯一盏。"),
    Saying("water", "any", "水管接头渗水。", "当场拧紧接头，换了垫圈。", months=(11, 12, 1, 2, 3)),
    Saying("work", "any", "小麦返青缺肥。", "联系农资店赊购尿素两袋，秋后结账。", months=(2, 3)),
    Saying("work", "any", "黄桃怕雹，想参加保险。", "请保险员上门办好投保，保费按政策减免。", months=(3, 4)),
    Saying("work", "any", "稻田有虫，不知用什么药。", "请农技员到田头看过，开了用药单。", months=(7, 8)),
    Saying("work", "worker", "冬闲想打零工。", "介绍到村里大棚帮工，每天100元。", months=WINTER),
    Saying("other", "any", "过冬棉衣不够。", "送去棉衣两件、棉鞋一双。", months=WINTER),
    Saying(
        "other",
        "old",
        "儿女在外，过年没人陪。",
        "约好志愿者除夕前后上门，帮助与儿女视频通话。",
        months=(1, 2),
    ),
    Saying("other", "any", "下雪后出门怕滑。", "村里当天清扫门前路，铺了防滑垫。", months=(12, 1)),
    Saying("other", "any", "汛期怕院里进水。", "查看排水口，发了沙袋，留下值班电话。", months=(6, 7, 8)),
    Saying("other", "any", "手机上接到陌生电话，怕受骗。", "讲了防诈骗常识，帮助装好防护程序。", NOTHING),
]
