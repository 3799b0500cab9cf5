"""The pages for people: the landing page and the description, without scripts."""

from html import escape
from typing import Any, Final

STYLE: Final = """\
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 54rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin: 2rem 0 .3rem; font-size: 1.05rem }
a { color: #05569e }
code, h2 { font-family: ui-monospace, monospace }
table { border-collapse: collapse; font-size: .9rem }
td, th { text-align: left; vertical-align: top; padding: .15rem .8rem .15rem 0 }
p { margin: .3rem 0 }
"""


def landing(document: dict[str, Any]) -> bytes:
    """Return the landing document as a page."""
    entries = "\n".join(
        f'<li><a href="{escape(link["href"])}">{escape(link["title"])}</a></li>'
        for link in document["links"]
        if link["rel"] not in ("self", "alternate")
    )
    body = f"<p>{escape(document['description'])}</p>\n<ul>\n{entries}\n</ul>"
    return _page(document["title"], body)


def description(document: dict[str, Any]) -> bytes:
    """Return the OpenAPI document as a page: each path with its parameters."""
    sections = "\n".join(
        _operation(path if method == "get" else f"{method.upper()} {path}", operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    )
    return _page(f"{document['info']['title']}: paths and parameters", sections)


def _operation(title: str, operation: dict[str, Any]) -> str:
    rows = "\n".join(
        f"<tr><td><code>{escape(parameter['name'])}</code></td>"
        f"<td>{escape(parameter['schema'].get('type', ''))}</td>"
        f"<td>{escape(parameter['description'])}</td></tr>"
        for parameter in operation.get("parameters", ())
    )
    table = f"\n<table>\n{rows}\n</table>" if rows else ""
    return f"<h2>{escape(title)}</h2>\n<p>{escape(operation['description'])}</p>{table}"


def _page(title: str, body: str) -> bytes:
    return f"""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<link rel="stylesheet" href="style.css">
</head>
<body>
<h1>{escape(title)}</h1>
{body}
</body>
</html>
""".encode()
