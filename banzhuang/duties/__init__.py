"""Duties: obligations watched, from rules that each app declares in the report's own words."""
