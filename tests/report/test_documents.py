"""Documents in Markdown as HTML."""

from app.report.documents import document

BESIDE = ("method", "claims")


def test_links_lead_to_documents_that_have_pages_and_elsewhere_and_others_are_none():
    text = (
        "# A\n\n[method](method.md) [paper](https://arxiv.org/abs/1) [code](../app/x.py) [script](javascript:alert(1))"
    )

    html = document(text, BESIDE).html

    assert '<a href="method">method</a>' in html
    assert '<a href="https://arxiv.org/abs/1" target="_blank" rel="noopener">paper</a>' in html
    assert "<a>code</a>" in html
    trial = document("# A\n\n[dial](../app/experiments/one_dial.py)", BESIDE).html
    assert '<a href="../experiments/one-dial">dial</a>' in trial
    assert '<a href="javascript' not in html


def test_html_is_no_html_but_for_a_break_in_a_table():
    html = document("# A\n\n<script>x</script>\n\n| a |\n|---|\n| one<br>two <b>three</b> |\n", BESIDE).html

    assert "<script" not in html and "<b>" not in html
    assert "one<br>two" in html


def test_a_table_can_be_scrolled_by_the_keyboard_and_has_no_empty_heading():
    html = document('# A\'s\n\n## "B"\n\n| | x |\n|---|---|\n| y | z |\n', BESIDE).html

    assert '<div class="table" tabindex="0" role="region" aria-label="“B”"><table>' in html
    assert html.count("</table></div>") == 1
    assert "<td></td>\n<th>x</th>" in html


def test_quotes_are_those_of_the_page_and_code_keeps_its_own():
    found = document("# The article's \"claims\"\n\nIt doesn't: `it's`", BESIDE)

    assert found.title == "The article’s “claims”"
    assert found.html == "<h1>The article’s “claims”</h1>\n<p>It doesn’t: <code>it's</code></p>\n"
