"""One form for texts that people write in several: for matching names, headers, labels; and for storing."""

import re
import unicodedata

INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
IN_ONE_FORM = re.compile("[0-9A-Za-z一-鿿]*")  # what most cells are made of; none of it has another form
WIDE = (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))  # digits and letters
PLAIN = {code: code - 0xFEE0 for code in WIDE}
NAME_DOTS = str.maketrans(dict.fromkeys("•‧∙・．.●", "·"))


def compact(text: str) -> str:
    """For matching only: NFKC, no white space, nothing invisible: 党员 总数（人） → 党员总数(人)."""
    if IN_ONE_FORM.fullmatch(text):
        return text
    plain = "".join(INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).split())
    return unicodedata.normalize("NFKC", plain)  # an accent that stood on a blank now stands on a letter


def normalise(text: str) -> str:
    """For storing: what is written, in one form.

    Outer white space (U+3000 too), invisible and direction-changing characters go, inner runs of blanks
    become one, full-width letters and digits become plain. Line breaks and Chinese punctuation stay: NFKC
    would turn （，） into (,) in running text.
    """
    if IN_ONE_FORM.fullmatch(text):
        return text
    plain = INVISIBLE.sub("", text).translate(PLAIN)
    lines = [re.sub(r"[^\S\n]+", " ", line).strip() for line in re.split(r"\r\n?|\n|\u2028|\u2029", plain)]
    return "\n".join(lines).strip()


def person_name(text: str) -> str:
    """A person's name as stored: 张　三 → 张三, 阿布都•热合曼 → 阿布都·热合曼; in letters, spaces stay."""
    plain = normalise(text).replace("\n", " ")
    if re.search("[a-zA-Z]", plain):
        return plain
    return compact(plain).translate(NAME_DOTS)
