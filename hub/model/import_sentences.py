"""What the hub says about files of customers; a part of `sentences.py`."""

from collections.abc import Mapping

IMPORT_REFUSALS: Mapping[str, str] = {
    "table_empty": "There is nothing in the first line: it has to name the columns.",
    "table_wide": "A table has at most %(most)s columns.",
    "table_broken": "Line %(line)s cannot be read: a quotation mark is open, or it is far too long.",
    "table_letters": (
        "This is no text that can be read: save it as CSV in UTF-8, or as “CSV” in the spreadsheet."
    ),
    "import_gone": "There is no such file any more.",
    "import_begun": "This file is at work or was worked off already.",
    "import_at_work": "It is at work just now.",
    "import_not_failed": "It has not failed.",
    "import_not_done": "There is nothing of it that could be undone.",
    "import_columns": "Say of each of the %(many)s columns what it is.",
    "import_twice": "Two columns cannot both be %(name)s.",
    "import_address": "One of the columns has to be the e-mail address or the phone number.",
    "import_country": "A country has two letters, like DE.",
    "import_cells": "It has %(many)s cells, and there are %(titles)s columns.",
    "import_nobody_left": "Whoever asked for it is not here any more.",
    "import_file_gone": "The file is not here any more: upload it again.",
}
