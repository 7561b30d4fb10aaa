"""The fonts of official tables, by the names that office machines know them under (GB/T 9704)."""

TITLE_FONT, HEAD_FONT, BODY_FONT = "方正小标宋简体", "黑体", "仿宋_GB2312"
