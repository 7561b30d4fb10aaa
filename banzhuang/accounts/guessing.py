"""How many guesses a password withstands: zxcvbn's estimate, with the words of the place and of Chinese beside English.

zxcvbn looks for the cheapest way to put a password together from words (also reversed, with 0 for o), walks on the
keyboard, repeats, sequences and dates. It knows no pinyin and nobody here; so it is given syllables, years, what people
at this work think of first, the names of the places, and the person's own.
"""

import math
import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from banzhuang.core import places
from banzhuang.core.pinyin import initials, spelling, syllables

LONGEST = (
    40  # characters that are looked at: the search costs their cube; what withstands so far withstands whole
)
ENOUGH = 9.5  # decimal places of the guesses; ten random characters have 10, two syllables with mark and year have 9
SUFFIXES = re.compile("(村|镇|乡|街道|片|县|区|市|省)$")
# How early a word of each kind is tried: by somebody from here at once.
AT_ONCE, A_SYLLABLE, A_YEAR = 50, 200, 20

OF_THE_WORK = """
党建 党委 党组织 党支部 支部 书记 党员 共产党 入党 班子 干部 村干部 镇干部 领导 镇长 主任 委员 组织 组织办 组织部 民政 民政办
帮扶 扶贫 脱贫 低保 乡村振兴 经发办 村建 环卫 办公室 机关 政府 镇政府 人民政府 为人民服务 平台 系统 管理 管理员 安全 审计
密码 我的 登录 账号 用户 测试 初始 默认 公务员 中国 祖国 我爱中国 我爱你 你好 新年好 新年快乐 恭喜发财 一帆风顺 身体健康
""".split()
OF_COMPUTERS = (
    "admin administrator root user guest demo test welcome system default office portal qaz wsx edc".split()
)
SAID = {
    "place": "地名或姓名",
    "work": "工作用语或常用语",
    "year": "年份",
    "date": "日期",
    "spatial": "键盘上相邻的键",
    "repeat": "重复的字符",
    "sequence": "连续的字母或数字",
    "word": "常见的词",
}


class Estimate(NamedTuple):
    """`places`: decimal places of the guesses; `found`: in words, what makes them few."""

    places: float
    found: list[str]

    @property
    def enough(self) -> bool:
        return self.places >= ENOUGH


def forms(name: str) -> set[str]:
    """西响石村 → 西响石村, 西响石, xixiangshicun, xixiangshi, xxsc, xxs."""
    names = {name, SUFFIXES.sub("", name)}
    spelt = {form for word in names for form in (word, spelling(word), initials(word))}
    return {form.lower() for form in spelt if len(form) >= 2}


@cache
def general() -> tuple[dict[str, int], set[str], set[str]]:
    """Words by how early they are tried, those of the work, and years; some 90 000, read at the first password."""
    from zxcvbn.matching import RANKED_DICTIONARIES

    words: dict[str, int] = {}
    for ranked in RANKED_DICTIONARIES.values():
        for word, rank in ranked.items():
            words[word] = min(rank, words.get(word, rank))
    work = set().union(*map(forms, OF_THE_WORK))
    years = {str(year) for year in range(1949, 2051)}
    for kind, rank in ((syllables(), A_SYLLABLE), (work, AT_ONCE), (OF_COMPUTERS, AT_ONCE), (years, A_YEAR)):
        words |= {word: min(rank, words.get(word, rank)) for word in kind}
    return words, work, years


def estimate(password: str, names: Iterable[str] = ()) -> Estimate:
    """`names`: the person's; those of the places of the database are always among what is tried."""
    from zxcvbn.matching import omnimatch
    from zxcvbn.scoring import most_guessable_match_sequence

    words, work, years = general()
    local = set().union(*map(forms, [*names, *places.names()]))
    # Ours by argument: zxcvbn() itself keeps what it is given where other threads look.
    tried = {"words": words | {word: min(AT_ONCE, words.get(word, AT_ONCE)) for word in local}}
    looked_at = password[:LONGEST]
    # Without its allowance for long sequences, which takes any four parts for strong: Dangjian@Zhengfu26.
    found = most_guessable_match_sequence(looked_at, omnimatch(looked_at, tried), _exclude_additive=True)
    kinds = {kind_of(match, local, work, years) for match in found["sequence"]}
    return Estimate(math.log10(found["guesses"]), [said for kind, said in SAID.items() if kind in kinds])


def kind_of(match, local, work, years) -> str:
    if match["pattern"] != "dictionary":
        return match["pattern"]
    word = match["matched_word"]
    for kind, words in (("place", local), ("work", work), ("year", years)):
        if word in words:
            return kind
    return "" if word in syllables() else "word"
