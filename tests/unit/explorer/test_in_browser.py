"""The explorer's page in a real browser: what it shows, finds and computes, and what never runs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import browsing
import numpy as np
import pytest

from negw2v import KeyedVectors, Word2Vec
from negw2v.datasets import synthetic

pytest.importorskip("plotly", reason="maps need the extra explore")
pytest.importorskip("selenium", reason="drives a browser")

#: How far a cosine of the page, from 8-bit integers, may lie from the exact one; words whose exact
#: cosines differ by less may change places.
TOLERANCE = 0.01

#: Words that must be shown as they are, or as the second.
HOSTILE = {
    "<script>window.ran=1</script>": None,
    "</script><script>window.ran=1</script>": None,
    "<img src=x onerror=window.ran=1>": None,
    "<b>bold</b>": None,
    "&lt;&amp;": None,
    "\"quoted\" 'word' `${1}`": None,
    "שלום": None,
    "مرحبا": None,
    "👩‍👩‍👧‍👦": None,
    "日本語": None,
    "constructor": None,
    "__proto__": None,
    "\u202eevil": "\\u202eevil",
    "line\u2028end": "line\\u2028end",
    "": '""',
}


@pytest.fixture(scope="module")
def vectors() -> KeyedVectors:
    """Vectors of a small grammar, and words that are up to no good."""
    sentences = synthetic.sentences(3_000, seed=1)
    kv = Word2Vec(
        sentences, vector_size=40, min_count=1, sg=1, epochs=5, workers=1, seed=1, progress=False
    ).wv
    generator = np.random.default_rng(0)
    kv.add_vectors(list(HOSTILE), generator.normal(size=(len(HOSTILE), 40)).astype(np.float32))
    return kv


@pytest.fixture(scope="module")
def path(vectors: KeyedVectors, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("explorer") / "map.html"
    vectors.explore(path, title="<script>window.ran=1</script>")
    return path


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with browsing.browser(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture(scope="module")
def opened(driver: Any, path: Path) -> Any:
    browsing.open_page(driver, path)
    return driver


@pytest.fixture
def page(opened: Any) -> Iterator[Any]:
    """The page with nothing chosen, in the plane; afterwards, nothing has gone wrong in it."""
    opened.execute_script(
        "document.activeElement.blur();"
        "for (const input of document.querySelectorAll('input')) input.value = '';"
        "for (const id of ['show-2', 'zoom-all']) document.getElementById(id).click();"
    )
    press(opened, "Escape")
    yield opened
    assert browsing.errors(opened) == []
    assert opened.execute_script("return window.ran") is None


def find(page: Any, selector: str) -> Any:
    return page.find_element("css selector", selector)


def texts(page: Any, selector: str) -> list[str]:
    """The texts of elements, with all their blanks."""
    found: list[str] = page.execute_script(
        "return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent)",
        selector,
    )
    return found


def press(page: Any, key: str, times: int = 1) -> None:
    """Press a key, wherever the focus is."""
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.keys import Keys

    ActionChains(page).send_keys(getattr(Keys, key.upper(), key) * times).perform()


def enter(page: Any, field: str, text: str) -> None:
    """Type a text; drivers cannot type what lies outside Unicode's first plane."""
    page.execute_script(
        "const [field, text] = arguments; const input = document.getElementById(field);"
        "input.focus(); input.value = text; input.dispatchEvent(new Event('input'));",
        field,
        text,
    )


def chosen(page: Any) -> str:
    return "".join(texts(page, "#word .name"))


def listed(page: Any, box: str) -> list[tuple[str, float]]:
    words = texts(page, f"{box} ol .token")
    return list(zip(words, map(float, texts(page, f"{box} ol .number")), strict=True))


def check_ranking(found: list[tuple[str, float]], exact: list[tuple[Any, float]]) -> None:
    """The page's list is most_similar's, but for near ties."""
    cosines = {str(word): value for word, value in exact}
    least = exact[len(found) - 1][1]
    for place, (word, value) in enumerate(found):
        assert value == pytest.approx(cosines[word], abs=TOLERANCE)
        assert cosines[word] >= least - TOLERANCE
        assert cosines[word] == pytest.approx(exact[place][1], abs=2 * TOLERANCE)
    assert [value for _, value in found] == sorted((v for _, v in found), reverse=True)
    assert len({word for word, _ in found}) == len(found)


def camera(page: Any, view: int = 2) -> dict[str, float]:
    """Where the eye is, once it stands still."""
    script = "return document.getElementById(arguments[0]).layout.scene.camera.eye"
    page.execute_async_script("setTimeout(arguments[0], 150)")
    eye: dict[str, float] = page.execute_script(script, f"view-{view}")
    return eye


def test_the_page_tells_what_it_shows(page: Any, vectors: KeyedVectors) -> None:
    assert page.title == "<script>window.ran=1</script>"
    assert texts(page, "h1") == ["<script>window.ran=1</script>"]
    assert texts(page, "#summary") == [f"{len(vectors)} words · 40 dimensions · PCA"]
    assert "Click a point on the map" in find(page, "#word").text
    assert len(texts(page, "#labels span:not([hidden])")) > 20


def test_labels_do_not_overlap(page: Any) -> None:
    boxes = page.execute_script(
        "return [...document.querySelectorAll('#labels span:not([hidden]), #legend, .zoom')]"
        ".map((one) => one.getBoundingClientRect())"
        ".map((box) => [box.left, box.top, box.right, box.bottom])"
    )
    for place, one in enumerate(boxes):
        for other in boxes[:place]:
            wide = min(one[2], other[2]) - max(one[0], other[0])
            high = min(one[3], other[3]) - max(one[1], other[1])
            assert min(wide, high) < 2, (one, other)


def test_a_search_finds_its_word(page: Any) -> None:
    enter(page, "search", "PARI")
    assert texts(page, "#search-list li")[0] == "paris"
    assert find(page, "#search").get_attribute("aria-expanded") == "true"
    press(page, "arrow_down")
    active = find(page, "#search").get_attribute("aria-activedescendant")
    assert find(page, f"#{active}").get_attribute("aria-selected") == "true"
    press(page, "enter")
    assert chosen(page) == "paris"
    assert find(page, "#search").get_attribute("aria-expanded") == "false"
    assert texts(page, "#labels .chosen:not([hidden])") == ["paris"]
    assert texts(page, "#status")[0].startswith("paris: most similar are ")


def test_a_search_for_what_is_not_there(page: Any) -> None:
    enter(page, "search", "qqq")
    assert texts(page, "#search-list li") == ["no such word on this map"]
    press(page, "enter")
    assert find(page, "#search").get_attribute("aria-invalid") == "true"
    assert chosen(page) == ""


@pytest.mark.parametrize("word", ["paris", "dog", "the", "dogs"])
def test_neighbours_are_those_of_most_similar(page: Any, vectors: KeyedVectors, word: str) -> None:
    enter(page, "search", word)
    press(page, "enter")
    assert chosen(page) == word
    found = listed(page, "#word")
    assert len(found) == 12
    exact = [(HOSTILE.get(w) or w, value) for w, value in vectors.most_similar(word, topn=40)]
    check_ranking(found, exact)


def test_a_neighbour_leads_on_to_its_own(page: Any) -> None:
    enter(page, "search", "paris")
    press(page, "enter")
    first, second, *_ = (word for word, _ in listed(page, "#word"))
    page.execute_script("document.querySelector('#word ol button').focus()")
    press(page, "arrow_down")
    assert page.switch_to.active_element.text.startswith(second)
    press(page, "arrow_up")
    press(page, "enter")
    assert chosen(page) == first


def test_analogies_are_those_of_most_similar(page: Any, vectors: KeyedVectors) -> None:
    for field, word in zip("abc", ["france", "paris", "italy"], strict=True):
        enter(page, f"analogy-{field}", word)
    press(page, "enter")
    found = listed(page, "#analogy-result")
    exact = vectors.most_similar(positive=["paris", "italy"], negative=["france"], topn=20)
    assert found[0][0] == exact[0][0]
    assert len(found) == 5
    check_ranking(found, exact)
    shown = texts(page, "#labels .chosen:not([hidden])")
    assert set(shown) == {"france", "paris", "italy", found[0][0]}


def test_an_analogy_without_a_word(page: Any) -> None:
    enter(page, "analogy-a", "france")
    press(page, "enter")
    assert texts(page, "#analogy-result [role=alert]") == ["Enter a word in each field."]
    enter(page, "analogy-b", "qqq<b>")
    enter(page, "analogy-c", "italy")
    press(page, "enter")
    assert texts(page, "#analogy-result [role=alert]") == ["qqq<b> is not on this map."]
    assert page.switch_to.active_element.get_attribute("id") == "analogy-b"


def test_two_words_are_compared(page: Any, vectors: KeyedVectors) -> None:
    enter(page, "compare-a", "paris")
    enter(page, "compare-b", "rome")
    press(page, "enter")
    cosine = float(texts(page, "#compare-result .cosine")[0])
    assert cosine == pytest.approx(vectors.similarity("paris", "rome"), abs=TOLERANCE)
    rank = vectors.rank("paris", "rome")
    near = [word for word, value in vectors.most_similar("paris", topn=60)]
    told = texts(page, "#compare-result .quiet")[0]
    place = int(told.split("neighbour ")[1].split(" ")[0])
    between = {near[min(rank, place) - 1], near[max(rank, place) - 1]}
    exact = [vectors.similarity("paris", word) for word in between]
    assert max(exact) - min(exact) < 2 * TOLERANCE
    shared = set(near[:50]) & {word for word, _ in vectors.most_similar("rome", topn=50)}
    for word in texts(page, "#compare-result .chips .token"):
        assert word in shared or vectors.similarity("paris", word) < 0.9


@pytest.mark.parametrize("word", HOSTILE)
def test_hostile_words_are_shown_and_never_run(page: Any, word: str) -> None:
    elements = "return document.querySelectorAll('script, img, b, iframe').length"
    before = page.execute_script(elements)
    if word:
        enter(page, "search", word)
        assert (HOSTILE[word] or word) in texts(page, "#search-list li")
        press(page, "enter")
    else:  # found by its place, as nobody can type it
        row = page.execute_script("return Explorer.open.page.words.indexOf('')")
        page.execute_script("Explorer.open.select(arguments[0])", row)
    assert chosen(page) == (HOSTILE[word] or word)
    assert (HOSTILE[word] or word) in texts(page, "#labels .chosen:not([hidden])")
    assert page.execute_script(elements) == before


@pytest.mark.parametrize("view", [2, 3])
def test_a_click_on_a_point_chooses_the_word_that_is_drawn_there(page: Any, view: int) -> None:
    from selenium.webdriver import ActionChains

    image = pytest.importorskip("matplotlib.image", reason="reads the pixels of a screenshot")
    find(page, f"#show-{view}").click()
    enter(page, "search", "paris")
    press(page, "enter")
    camera(page, view)
    page.execute_script("document.getElementById('labels').hidden = true")
    left, top, colour = page.execute_script(
        "const open = Explorer.open, row = open.chosen[0];"
        "const box = document.getElementById('map').getBoundingClientRect();"
        "const [left, top] = open.view.places()(row);"
        "const colours = COLOURS[open.theme].groups;"
        "return [box.left + left, box.top + top, colours[open.clusters[row]]]"
    )
    expected = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255

    def drawn() -> bool:
        pixels = image.imread(io.BytesIO(browsing.screenshot(page)))[..., :3]
        return np.abs(pixels[round(top), round(left)] - expected).max() < 0.06

    browsing.until(drawn, seconds=20)
    page.execute_script("document.getElementById('labels').hidden = false")
    press(page, "Escape")
    press(page, "Escape")
    assert chosen(page) == ""
    ActionChains(page).move_by_offset(0, 0).perform()
    mouse = ActionChains(page)
    mouse.w3c_actions.pointer_action.move_to_location(round(left), round(top))
    mouse.perform()
    assert texts(page, "#tip:not([hidden])") != []
    mouse = ActionChains(page)
    mouse.w3c_actions.pointer_action.click()
    mouse.perform()
    assert chosen(page) in {"paris", *texts(page, "#tip")}


def test_keys_move_the_map(page: Any) -> None:
    press(page, "/")
    assert page.switch_to.active_element.get_attribute("id") == "search"
    press(page, "escape")
    assert page.switch_to.active_element.get_attribute("id") == "map"
    before = camera(page)
    press(page, "arrow_right", 2)
    press(page, "+")
    after = camera(page)
    assert after["x"] > before["x"]
    assert after["z"] == pytest.approx(before["z"] / 1.4)
    press(page, "0")
    assert camera(page) == pytest.approx(before)
    find(page, "#show-3").click()
    find(page, "#zoom-all").click()
    before = camera(page, 3)
    page.execute_script("document.getElementById('map').focus()")
    press(page, "arrow_left")
    turned = camera(page, 3)
    assert turned != before
    assert np.hypot(turned["x"], turned["y"]) == pytest.approx(np.hypot(before["x"], before["y"]))


def test_both_themes_have_contrast(page: Any) -> None:
    """WCAG 2: 4.5 for text, 3 for points."""
    grounds = []
    for _ in range(2):
        find(page, "#theme").click()
        ground = colour_of(page, "body", "backgroundColor")
        grounds.append(ground)
        for selector in ("body", "#summary", ".quiet", "form span"):
            assert contrast(colour_of(page, selector, "color"), ground) >= 4.5, selector
        pressed = "[aria-pressed=true]"
        on = colour_of(page, pressed, "backgroundColor")
        assert contrast(colour_of(page, pressed, "color"), on) >= 4.5
        colours = page.execute_script("return COLOURS[Explorer.open.theme]")
        for one in (*colours["groups"], *colours["ramp"], colours["ink"]):
            points = [int(one[place : place + 2], 16) for place in (1, 3, 5)]
            assert contrast(points, ground) >= 3, one
    assert grounds[0] != grounds[1]


def colour_of(page: Any, selector: str, name: str) -> list[float]:
    """A computed colour: red, green and blue, up to 255."""
    return page.execute_script(
        "const pen = new OffscreenCanvas(1, 1).getContext('2d');"
        "pen.fillStyle = getComputedStyle(document.querySelector(arguments[0]))[arguments[1]];"
        "pen.fillRect(0, 0, 1, 1);"
        "return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3)",
        selector,
        name,
    )


def contrast(one: list[float], other: list[float]) -> float:
    """The contrast of two colours, as WCAG 2 defines it."""
    values = np.array([one, other]) / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    dark, light = sorted(linear @ [0.2126, 0.7152, 0.0722])
    return float((light + 0.05) / (dark + 0.05))


def test_points_can_be_coloured_by_frequency(page: Any, vectors: KeyedVectors) -> None:
    clusters = texts(page, "#legend-body li")
    assert 2 <= len(clusters) <= 10
    page.execute_script(
        "const select = document.getElementById('colour'); select.value = arguments[0];"
        "select.dispatchEvent(new Event('change'))",
        "frequency",
    )
    most = vectors.get_vecattr(vectors.index_to_key[0], "count")
    assert texts(page, "#legend-body .ends span") == ["0", f"{most:,}"]
    values = page.execute_script("return [...Explorer.open.look().values]")
    assert (values[0], values[-1]) == (1, 0)
    assert values == sorted(values, reverse=True)
    page.execute_script(
        "const select = document.getElementById('colour'); select.value = 'cluster';"
        "select.dispatchEvent(new Event('change'))"
    )


def test_nothing_reaches_the_network_and_no_other_script_runs(page: Any) -> None:
    assert page.execute_script("return performance.getEntriesByType('resource').length") == 0
    refused = page.execute_async_script(
        """
        const done = arguments[0], refused = [];
        document.addEventListener("securitypolicyviolation", (event) => {
          refused.push(event.effectiveDirective);
          if (refused.length === 3) done(refused.sort());
        });
        const image = document.createElement("img");
        image.src = "http://127.0.0.1:9/x.png";
        const script = document.createElement("script");
        script.textContent = "window.ran = 1";
        const button = document.createElement("button");
        button.setAttribute("onclick", "window.ran = 1");
        document.body.append(image, script, button);
        button.click();
        [image, script, button].forEach((one) => one.remove());
        """
    )
    assert refused == ["img-src", "script-src-attr", "script-src-elem"]
    told = browsing.errors(page)  # of what was refused just now
    assert told
    assert all("Content Security Policy" in line for line in told)


def test_on_a_phone(driver: Any, path: Path) -> None:
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True},
    )
    driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    try:
        browsing.open_page(driver, path)
        widths = driver.execute_script(
            "return [innerWidth, document.documentElement.scrollWidth,"
            "document.getElementById('map').clientWidth]"
        )
        assert widths == [390, 390, 390]
        before = camera(driver)

        def touch(kind: str, *places: tuple[int, int]) -> None:
            points = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(places)]
            driver.execute_cdp_cmd(
                "Input.dispatchTouchEvent", {"type": kind, "touchPoints": points}
            )

        touch("touchStart", (180, 400))
        touch("touchStart", (180, 400), (220, 400))
        touch("touchMove", (160, 400), (240, 400))
        touch("touchEnd")
        pinched = camera(driver)
        assert pinched["z"] == pytest.approx(before["z"] / 2)
        touch("touchStart", (200, 400))
        touch("touchMove", (150, 400))
        touch("touchEnd")
        assert camera(driver)["x"] > pinched["x"]
        find(driver, "#show-3").click()
        before = camera(driver, 3)
        touch("touchStart", (200, 400))
        touch("touchMove", (150, 400))
        touch("touchEnd")
        assert camera(driver, 3) != before
        enter(driver, "search", "paris")
        press(driver, "enter")
        assert len(listed(driver, "#word")) == 12
        assert browsing.errors(driver) == []
    finally:
        driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})


def test_without_webgl_and_in_the_dark(driver: Any, path: Path) -> None:
    script = driver.execute_cdp_cmd(
        "Page.addScriptToEvaluateOnNewDocument",
        {
            "source": "const original = HTMLCanvasElement.prototype.getContext;"
            "HTMLCanvasElement.prototype.getContext = function (kind, ...more) {"
            "return kind.includes('webgl') ? null : original.call(this, kind, ...more); };"
        },
    )
    dark = [{"name": "prefers-color-scheme", "value": "dark"}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": dark})
    try:
        browsing.open_page(driver, path)
        assert "no WebGL" in find(driver, "#notice").text
        assert find(driver, "#show-3").is_enabled() is False
        assert max(colour_of(driver, "body", "backgroundColor")) < 60
        assert find(driver, "#theme").text == "Light"
        enter(driver, "search", "paris")
        press(driver, "enter")
        assert len(listed(driver, "#word")) == 12
        press(driver, "escape")
        press(driver, "+")  # does nothing, and breaks nothing
        assert browsing.errors(driver) == []
    finally:
        driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
