"""Numbers with rules: identity numbers (GB 11643), unified credit codes (GB 32100), phones; and their masks.

Cells come as text in any shape, or as numbers. What cannot be right is refused with a sentence for the user;
nothing is put right silently but white space, quotes and full-width characters.
"""

import re
import unicodedata
from datetime import date
from decimal import Decimal

from stdnum.cn import ric, uscc

ID_NUMBER_LENGTH = USCC_LENGTH = 18
EXACT_DIGITS = 15  # a spreadsheet's number holds no more
SURROUNDINGS = re.compile("[\\s'\"`‘’“”′,，\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
AS_TEXT = "把单元格格式改为“文本”，再照原件重新填写。"


class CodeError(ValueError):
    """A number that breaks its rules. `message`: what is wrong; `remedy`: what to do. Both for the user."""

    def __init__(self, message: str, remedy: str = ""):
        super().__init__(message)
        self.message = message
        self.remedy = remedy


def _plain(value) -> str:
    """The characters that count, without white space, quotes and commas, full-width ones made plain."""
    if isinstance(value, float | Decimal) and _is_whole(value):
        value = int(value)
    text = unicodedata.normalize("NFKC", str(value))
    return SURROUNDINGS.sub("", text.removeprefix("=")).upper()


def _is_whole(value) -> bool:
    return Decimal(value).is_finite() and value == int(value)


def _refuse_lost_digits(value, name: str) -> None:
    if isinstance(value, int | float | Decimal) and _is_whole(value) and abs(value) >= 10**EXACT_DIGITS:
        raise CodeError(f"{name}以数字保存，末几位已丢失。", AS_TEXT)


# --- Identity numbers --------------------------------------------------------------------------------------
def check_id_number(value, today: date | None = None) -> str:
    """The 18 characters of an identity number, its last X in upper case; raises CodeError.

    Checked: length, characters, birth date (not after `today`), check digit. Not the area: codes of areas
    change and old numbers stay, so a table of areas refuses real people (as stdnum.cn.ric.validate does).
    """
    _refuse_lost_digits(value, "身份证号")
    number = _plain(value)
    if re.fullmatch("[0-9]{15}", number):
        raise CodeError("这是 15 位的旧身份证号。", "填写现用的 18 位身份证号。")
    if len(number) != ID_NUMBER_LENGTH:
        raise CodeError(
            f"身份证号应为 18 位，这里是 {len(number)} 位。", "照身份证原件补齐或删去多余的字符。"
        )
    wrong = re.search("[^0-9]", number[:-1]) or re.search("[^0-9X]", number[-1])
    if wrong:
        place = wrong.start() + 1 if wrong.string != number[-1] else ID_NUMBER_LENGTH
        raise CodeError(f"身份证号第 {place} 位是“{wrong.group()}”，应为数字。", "照身份证原件改正。")
    _check_birth(number, today or date.today())
    if ric.calc_check_digit(number) != number[-1]:
        raise CodeError(
            "身份证号末位校验不符，号码里至少有一位写错。",
            "请对照身份证原件逐位核对后改正，不要只改末位。",
        )
    return number


def _check_birth(number: str, today: date) -> None:
    remedy = "照身份证原件核对第 7 至 14 位。"
    try:
        birth = id_number_birth(number)
    except ValueError:
        raise CodeError("身份证号里的出生日期不存在。", remedy) from None
    if not date(1900, 1, 1) <= birth <= today:
        raise CodeError("身份证号里的出生日期不在 1900 年至今。", remedy)


def id_number_birth(number: str) -> date:
    """Birth date in a checked identity number."""
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def id_number_sex(number: str) -> str:
    """男 or 女, from the 17th digit of a checked identity number."""
    return "男" if int(number[16]) % 2 else "女"


# --- Unified social credit codes ---------------------------------------------------------------------------
def check_uscc(value) -> str:
    """The 18 characters of a unified social credit code in upper case; raises CodeError."""
    _refuse_lost_digits(value, "统一社会信用代码")
    number = _plain(value)
    if len(number) != USCC_LENGTH:
        raise CodeError(
            f"统一社会信用代码应为 18 位，这里是 {len(number)} 位。", "照营业执照补齐或删去多余的字符。"
        )
    wrong = re.search("[^0-9A-HJ-NPQRTUWXY]", number)
    if wrong:
        raise CodeError(
            f"统一社会信用代码第 {wrong.start() + 1} 位是“{wrong.group()}”，代码里没有这个字符。",
            "照营业执照改正；代码不用字母 I、O、S、V、Z，多半是数字 1、0、5、2 之误。",
        )
    if uscc.calc_check_digit(number[:-1]) != number[-1]:
        raise CodeError(
            "统一社会信用代码末位校验不符，代码里至少有一位写错。", "照营业执照逐位核对后改正，不要只改末位。"
        )
    return number


# --- Phones ------------------------------------------------------------------------------------------------
PHONE = re.compile(
    r"1[3-9][0-9]{9}"  # mobile
    r"|0[1-9][0-9]{1,2}[2-9][0-9]{6,7}(?:转[0-9]{1,6})?"  # area code and line, with extension
    r"|[2-9][0-9]{6,7}(?:转[0-9]{1,6})?"  # line of the same area
    r"|[48]00[0-9]{7}"
)
MOST_PHONES = 3
# White space separates only after a whole number and before another: 139 0000 1062 is one.
PHONE_SEPARATOR = re.compile(
    r"[、,，;；/／|\n\r或和]+|(?<=[0-9]{7})\s+(?=1[3-9][0-9]{9}|0[0-9]{2,3}[-— ]?[0-9]{7})"
)


def split_phones(value) -> list[str]:
    """All phone numbers of one cell, in order, each once; raises CodeError. An empty cell gives []."""
    text = _plain(value) if isinstance(value, int | float | Decimal) else str(value or "")
    parts = PHONE_SEPARATOR.split(unicodedata.normalize("NFKC", text))
    return list(dict.fromkeys(check_phone(part) for part in parts if _plain(part)))


def join_phones(value) -> str:
    """The phone numbers of one cell as they are kept, joined by 、; "" for none. Raises CodeError."""
    phones = split_phones(value)
    if len(phones) > MOST_PHONES:
        raise CodeError("电话多于三个。", "留下常用的三个。")
    return "、".join(phones)


def check_phone(value) -> str:
    """One phone number as digits (转 before an extension): mobile, line with or without area, 400.

    Raises CodeError.
    """
    number = re.sub(r"[-—–()（）.·]", "", _plain(value))
    number = re.sub(r"^(?:\+86|0086|86(?=1[3-9][0-9]{9}$))", "", number)
    number = re.sub(r"[#*]|EXT", "转", number)
    if not PHONE.fullmatch(number):
        raise CodeError(_phone_fault(number), "写成 11 位手机号，或带区号的座机号，如 0518-80000000。")
    return number


def _phone_fault(number: str) -> str:
    if re.fullmatch("1[3-9][0-9]*", number):
        return f"手机号应为 11 位，这里是 {len(number)} 位。"
    if re.search("[^0-9转+]", number):
        return "电话里有数字以外的字符。"
    return f"{len(number)} 位的“{number[:3]}…”不是手机号，也不是座机号。"


# --- Masks -------------------------------------------------------------------------------------------------
STARRED = re.compile(r"[*＊]{2}")


def is_starred(text: str) -> bool:
    """Whether a text is a number of which a part is hidden, and so no value. One star alone leads to an extension."""
    return STARRED.search(text) is not None


def same_mask(text: str, mask: str) -> bool:
    """Whether a text is this mask, however it was typed."""
    return bool(mask) and _plain(text) == _plain(mask)


def _mask(text: str, head: int, tail: int) -> str:
    """Head and tail shown, the rest starred; a text too short for that is starred whole."""
    hidden = len(text) - head - tail
    if hidden < min(head, tail):
        return "*" * len(text)
    return text[:head] + "*" * hidden + text[-tail:]


def mask_id_number(text) -> str:
    """7100**********9437; also of a value that is no identity number. Empty stays empty."""
    return "" if text in (None, "") else _mask(_plain(text), 4, 4)


def mask_phone(text) -> str:
    """139****1062; each number of several, joined by 、. Empty stays empty."""
    if text in (None, ""):
        return ""
    shown = _plain(text) if isinstance(text, int | float | Decimal) else str(text)
    return "、".join(_mask(_plain(part), 3, 4) for part in PHONE_SEPARATOR.split(shown) if _plain(part))


# --- Checksums ---------------------------------------------------------------------------------------------
def in_groups(digits: str, count: int = 16) -> str:
    """9F3C 21AB 07D4 E5B8: the first `count` digits of a checksum in fours, as they are printed and compared."""
    return " ".join(digits[at : at + 4].upper() for at in range(0, count, 4))
