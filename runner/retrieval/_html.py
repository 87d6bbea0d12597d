"""Turns HTML into Markdown-like text: a line for each block and each line of the source, headings as `# …`. Knows no files."""

from __future__ import annotations

from html.parser import HTMLParser


def html_text(html: str) -> tuple[str, tuple[int, ...]]:
    """Return the text of a page, and for each of its lines the line of the page (1-based) it came from."""
    reader = _HtmlReader()
    reader.feed(html)
    reader.close()
    return reader.text(), tuple(line for line, _ in reader.rows)


class _HtmlReader(HTMLParser):
    """Collects words by block and source line. `rows` are (source line, pieces of text), in order."""

    _SILENT = frozenset({"script", "style", "template", "noscript", "svg", "head"})
    _BLOCKS = frozenset(
        {"p", "div", "section", "article", "main", "header", "footer", "nav", "aside", "li", "tr", "br", "hr", "table", "ul", "ol", "dl"}
        | {"pre", "blockquote", "dt", "dd", "figure", "figcaption", "form", "details", "summary", "body"}
    )
    _CELLS = frozenset({"td", "th"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[tuple[int, list[str]]] = [(1, [])]
        self._silent = 0
        self._in_heading = False

    def text(self) -> str:
        """Return the collected lines."""
        return "\n".join(" ".join("".join(pieces).split()) for _, pieces in self.rows)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a block, a heading or a silent region."""
        del attrs
        if tag in self._SILENT:
            self._silent += 1
        elif _is_heading(tag):
            self._break()
            self._put("#" * int(tag[1]) + " ", self.getpos()[0])
            self._in_heading = True
        elif tag in self._BLOCKS and not (tag == "br" and self._in_heading):
            self._break()
        elif tag in self._CELLS or tag == "br":
            self._put(" ", self.getpos()[0])
        if tag == "body":
            self._silent = 0  # `</head>` may be left out

    def handle_endtag(self, tag: str) -> None:
        """Close a block, a heading or a silent region."""
        if tag in self._SILENT:
            self._silent = max(0, self._silent - 1)
        elif _is_heading(tag) or tag in self._BLOCKS:
            self._break()

    def handle_data(self, data: str) -> None:
        """Keep words on the lines they stand on."""
        if self._silent:
            return
        for line, piece in enumerate(data.split("\n"), start=self.getpos()[0]):
            self._put(piece, line)

    def _break(self) -> None:
        """Begin a new line of text, on the same line of the source."""
        self._in_heading = False
        line, pieces = self.rows[-1]
        if any(map(str.strip, pieces)):
            self.rows.append((line, []))

    def _put(self, piece: str, line: int) -> None:
        last = self.rows[-1][0]
        if self._in_heading:
            piece = f" {piece}" if line > last else piece  # a heading is one line, however it is wrapped
        else:
            self.rows.extend((number, []) for number in range(last + 1, line + 1))
        self.rows[-1][1].append(piece)


def _is_heading(tag: str) -> bool:
    return len(tag) == 2 and tag[0] == "h" and tag[1] in "123456"
