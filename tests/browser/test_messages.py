"""What the bot sends, on screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from . import samples

if TYPE_CHECKING:
    from .page import Page
    from .standin import StandIn

DRAW = """
const [source, done] = arguments;
import("/static/markdown.js").then(({ markdown }) => {
  const names = { people: new Map([["1", { id: "1", username: "ada" }]]), channel: { id: "2", name: "lab" } };
  const root = markdown(source, names);
  for (const node of root.querySelectorAll("[dir], [tabindex]")) {
    node.removeAttribute("dir");
    node.removeAttribute("tabindex");
  }
  done(root.innerHTML);
});
"""


MARKDOWN = {
    "a **b** *c* _d_ __e__ ~~f~~": "<p>a <strong>b</strong> <em>c</em> <em>d</em> <u>e</u> <s>f</s></p>",
    "***both*** and **a *b* c**": "<p><strong><em>both</em></strong> and <strong>a <em>b</em> c</strong></p>",
    "snake_case_name 2 * 3 * 4": "<p>snake_case_name 2 * 3 * 4</p>",
    r"\*no\* \`no\` \# no": "<p>*no* `no` # no</p>",
    r"\# no heading": "<p># no heading</p>",
    "#no heading": "<p>#no heading</p>",
    "`a **b**` ``x`y``": "<p><code>a **b**</code> <code>x`y</code></p>",
    "# A\n-# b\nc": '<h3 class="heading-1">A</h3><p class="subtext">b</p><p>c</p>',
    "- a\n  - b\n- c\n1. d": "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul><ol><li>d</li></ol>",
    "3. a\n4. b": '<ol start="3"><li>a</li><li>b</li></ol>',
    "> a\n> b\nc": "<blockquote><p>a\nb</p></blockquote><p>c</p>",
    ">>> a\n\n**b**": "<blockquote><p>a\n\n<strong>b</strong></p></blockquote>",
    "x\n```py\na < b\n**c**\n```\ny": "<p>x</p><pre><code>a &lt; b\n**c**</code></pre><p>y</p>",
    "```one```": "<pre><code>one</code></pre>",
    "```ansi\n\x1b[4;31mr\x1b[0mp\n```": (
        '<pre><code><span class="ansi-underline ansi-31">r</span><span>p</span></code></pre>'
    ),
    f"{'> ' * 6}a": f"{'<blockquote>' * 4}<p>&gt; &gt; a</p>{'</blockquote>' * 4}",
    "||secret||": '<p><button class="spoiler" type="button">spoiler</button></p>',
    "<@1>": '<p><span class="mention">@<bdi>ada</bdi></span></p>',
    "<@!9>": '<p><span class="mention">@<bdi>unknown-user</bdi></span></p>',
    "<#2> @here": '<p><span class="mention">#<bdi>lab</bdi></span> <span class="mention">@<bdi>here</bdi></span></p>',
    "</tokens:5> <:wave:6>": '<p><span class="mention">/<bdi>tokens</bdi></span> :wave:</p>',
    "[x](javascript:alert(1))": "<p>[x](javascript:alert(1))</p>",
    "**open *never closed": "<p>**open *never closed</p>",
}


def test_markdown(page: Page) -> None:
    page.open()
    drawn = {source: page.driver.execute_async_script(DRAW, source) for source in MARKDOWN}
    assert drawn == MARKDOWN


def test_links_and_times(page: Page) -> None:
    page.open()
    link = page.driver.execute_async_script(DRAW, "see https://example.org/a_b, [here](https://example.org/x)")
    assert '<a href="https://example.org/a_b" title="https://example.org/a_b" target="_blank"' in link
    assert 'rel="noopener noreferrer">https://example.org/a_b</a>, ' in link
    assert ">here</a>" in link
    assert ">2 days ago<" in page.driver.execute_async_script(
        DRAW, f"<t:{page.run('return Date.now()') // 1000 - 200_000}:R>"
    )
    assert "November 14, 2023" in page.driver.execute_async_script(DRAW, "<t:1700000000:D>")


def test_floods_of_marks_are_drawn_and_stay_shallow(page: Page) -> None:
    page.open()
    for flood in ["`", "*", "**", "**a ", "__", "||", "[", "_a_ ", "> ", "- ", "```", "<t:", "https://", "\\"]:
        html = page.driver.execute_async_script(DRAW, (flood * 6000)[:6000])
        assert html
        assert "</strong>" * 9 not in html
        assert "</u>" * 9 not in html
        assert "</blockquote>" * 9 not in html


def test_every_component_is_drawn(page: Page, server: StandIn) -> None:
    server.messages = samples.every_component(server.url)
    page.open()
    first, second = page.all("article")
    for words in ["Heading", "Small print", "two and a half", "A section", "Blue", "Red", "scores.csv", "2 kB"]:
        assert words in first.text
    assert "covered" not in first.text
    page.named("Spoiler: show").click()
    assert "covered" in first.text
    assert [image.get_attribute("alt") for image in page.all("article:first-of-type img")] == [
        "Small",
        "Picture a",
        "Picture b",
        "Picture c",
    ]
    assert first.find_element("css selector", ".missing").text == "This page cannot draw components of type 99 yet."
    for words in ["Plain content", "notes.txt", "12 bytes", "Somebody", "An embed", "left", "right", "foot", "Again"]:
        assert words in second.text


def test_a_picture_has_its_words_and_can_be_looked_at_closely(page: Page, server: StandIn) -> None:
    server.messages = [samples.answer_card(server.url)]
    words = "Heatmap: “it” looks most at “cat” (0.61)."
    page.open()
    picture = page.find("figure img")
    assert picture.accessible_name == words
    page.until(lambda: picture.get_property("naturalWidth") == 640)

    badge = page.find(".alt-badge")
    badge.send_keys(" ")
    assert page.find("figcaption").text == words
    assert badge.get_attribute("aria-expanded") == "true"
    badge.send_keys(" ")
    page.gone("figcaption")

    page.find(".zoomable").send_keys("\ue007")
    assert page.find("dialog img").accessible_name == words
    assert page.find("dialog p").text == words
    page.press("Escape")
    page.gone("dialog")
    assert page.focused == f"Enlarge: {words}"


@pytest.mark.parametrize("width", [400, 1280])
def test_a_tall_picture_is_as_wide_as_can_be_read_and_nothing_lies_on_it(
    page: Page, server: StandIn, width: int
) -> None:
    tall = {"url": f"{server.url}/attachments/heat.png", "width": 800, "height": 2700}
    server.messages = [samples.card(samples.picture(server.url, "Three lenses", media=tall))]
    page.width(width)
    page.open()
    image, badge = page.find("figure img").rect, page.find(".alt-badge").rect
    assert image["width"] >= min(400, width - 80)
    assert badge["y"] >= image["y"] + image["height"]


WIDTHS = "return ['figure img', 'dialog img', '.zoom-stage'].map((css) => document.querySelector(css).clientWidth)"


@pytest.mark.parametrize("width", [400, 1280])
def test_enlarging_a_picture_makes_it_large(page: Page, server: StandIn, width: int) -> None:
    server.messages = [samples.card(samples.picture(server.url, "A heatmap"))]
    page.width(width)
    page.open()
    page.named("Enlarge: A heatmap").click()
    page.until(lambda: page.find("dialog img").get_property("naturalWidth") == 640)
    before, after, _ = page.run(WIDTHS)
    assert after >= max(2 * before, 640)
    corner = """
        const stage = document.querySelector(".zoom-stage"), image = stage.querySelector("img");
        stage.scrollTo(stage.scrollWidth, stage.scrollHeight);
        const [inner, outer] = [image, stage].map((node) => node.getBoundingClientRect());
        const end = [inner.right - outer.right, inner.bottom - outer.bottom];
        stage.scrollTo(0, 0);
        const [first, frame] = [image, stage].map((node) => node.getBoundingClientRect());
        return [...end, frame.left - first.left, frame.top - first.top];
    """
    assert max(page.run(corner)) <= 1, "every corner can be scrolled to"
    page.click("dialog img")
    _, whole, stage = page.run(WIDTHS)
    assert whole <= stage
    page.click("dialog img")
    assert page.run(WIDTHS)[1] == after


def test_a_covered_picture_is_shown_first_and_enlarged_second(page: Page, server: StandIn) -> None:
    server.messages = [samples.card(samples.picture(server.url, "The end of the film", spoiler=True))]
    page.open()
    page.named("Spoiler: show the picture").click()
    assert not page.all("dialog")
    page.named("Enlarge: The end of the film").click()
    page.find("dialog")


def test_pictures_from_elsewhere_are_not_fetched(page: Page, server: StandIn) -> None:
    server.messages = [samples.card(samples.picture("https://example.org", "Somewhere else"))]
    page.open()
    assert "A picture from elsewhere is not loaded: Somewhere else" in page.find("article").text
    assert not page.all("article img")


def test_a_private_answer_says_so_and_goes_when_dismissed(page: Page, server: StandIn) -> None:
    secret = samples.card(samples.text("There is no [MASK] in this text."), private=True)
    server.messages = [samples.card(samples.text("for everyone")), secret]
    page.open()
    public, private = page.all("article")
    assert "Only you can see this" not in public.text
    assert "Only you can see this" in private.text
    assert private.accessible_name == "attention-bot, only you can see this"
    page.named("Dismiss message").click()
    server.send(
        {"t": "message_update", "message": secret}, {"t": "message_create", "message": samples.message(content="next")}
    )
    page.until(lambda: [article.text.split("\n")[-1] for article in page.all("article")] == ["for everyone", "next"])


def test_messages_change_and_go_in_place(page: Page, server: StandIn) -> None:
    server.messages = [samples.message(content=words) for words in ("one", "two", "three")]
    page.open()
    server.send({"t": "message_update", "message": {**server.messages[1], "content": "2"}})
    server.send({"t": "message_delete", "id": server.messages[0]["id"]})
    page.until(lambda: [article.text.split("\n")[-1] for article in page.all("article")] == ["2", "three"])


def test_the_history_follows_only_a_reader_at_its_end(page: Page, server: StandIn) -> None:
    server.messages = [samples.message(content=f"line {number}") for number in range(40)]
    page.open()
    at_end = (
        "const log = document.getElementById('log'); return log.scrollHeight - log.scrollTop - log.clientHeight < 2"
    )
    page.until(lambda: page.run(at_end))
    server.send({"t": "message_create", "message": samples.card(samples.picture(server.url, "A heatmap"))})
    page.find("article img")
    page.until(lambda: page.run(at_end))

    for width in (390, 1000):
        page.width(width)
        page.until(lambda: page.run(at_end))

    page.run("document.getElementById('log').scrollTop = 200")
    page.find("#jump")
    server.send({"t": "message_create", "message": samples.message(content="news")})
    page.until(lambda: page.find("#jump").text == "New messages below")
    assert page.run("return document.getElementById('log').scrollTop") == 200
    page.click("#jump")
    page.until(lambda: page.run(at_end))
    page.gone("#jump")


HOSTILE = (
    "<script>window.harmed = 1</script><img src=x onerror='window.harmed = 1'>"
    "<iframe srcdoc='<script>parent.harmed = 1</script>'></iframe>"
    "[press](javascript:window.harmed=1) \u202egnp.exe \u200b<@1001> @everyone"
)


def test_hostile_text_stays_text_wherever_it_appears(page: Page, server: StandIn) -> None:
    option = {**samples.TEXT, "name": "text", "description": HOSTILE}
    server.commands = [
        {"name": "tokens", "description": HOSTILE, "type": 1, "options": [option]},
        {"name": HOSTILE, "type": 3},
    ]
    link = {"type": 2, "style": 5, "label": HOSTILE, "url": "javascript:window.harmed=1"}
    server.messages = [
        samples.card(
            samples.text(HOSTILE),
            samples.picture(server.url, HOSTILE),
            samples.row(samples.button(HOSTILE, HOSTILE), link),
            samples.row(samples.select(HOSTILE, [HOSTILE], placeholder=HOSTILE)),
            {"type": 13, "file": {"url": "javascript:window.harmed=1"}, "name": HOSTILE},
        ),
        samples.message(
            content=HOSTILE,
            command=HOSTILE,
            author={**samples.BOT, "username": HOSTILE},
            embeds=[{"title": HOSTILE, "url": "javascript:window.harmed=1", "description": HOSTILE}],
        ),
    ]
    page.open()
    page.type(f"/tokens {HOSTILE}")
    page.press("Enter")
    server.fail(server.next("command"), HOSTILE)
    server.send({"t": "modal", "nonce": 1, "interaction_id": "1", "modal": {**samples.MODAL, "title": HOSTILE}})
    assert page.find("dialog h2").get_property("textContent") == HOSTILE
    page.press("Escape")
    assert page.find(".failure").get_property("textContent") == HOSTILE
    assert not page.all("body script, iframe, body [onerror], a[href^='javascript' i], img[src='x']")
    assert page.run("return window.harmed") is None
    assert HOSTILE[:80] in page.find("article .markdown").text


INTRUSION = """
const script = document.createElement("script");
try { script.text = "window.harmed = 1"; } catch {}
document.body.append(script);
try { document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.harmed = 1'>"); } catch {}
return window.harmed;
"""


def test_the_policy_stops_a_script_that_got_in_anyway(page: Page) -> None:
    page.open()
    assert page.run(INTRUSION) is None
    assert not page.all("img")
    assert all("Trusted" in complaint or "Content Security Policy" in complaint for complaint in page.complaints())
