"""Cleaning: from a feed's fragment or an article's page to exact text, safe HTML and metadata.

Every function here is pure: values in, values out, no I/O, no clock, no random source. The doors are
`article.clean_article` for one entry and `jsonl.clean_jsonl` for measuring from outside; the rooms behind
them are `fragment` (BeautifulSoup), `page` (trafilatura), `residue` (what is not the story), `metadata`,
`urls`, `text`, `limits` and `sanitize`.
"""
