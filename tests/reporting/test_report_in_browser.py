"""The page in real headless Chromium: it lives, it is silent, it asks for nothing, everyone can use it.

Needs Debian's chromium and chromium-driver, selenium, and axe-core as shipped in axe-selenium-python. Where one is missing
the tests are skipped with a reason, or fail if PHASELINE_BROWSER_TESTS is "required".
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from phaseline.reporting.report import write_report
from reporting import placed
from reporting.test_report import made_page

WIDE, NARROW = (1400, 900), (390, 800)
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
)  # fmt: skip
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # selenium's sockets


def lacking(what: str) -> None:
    reason = f"no browser test: {what} is not installed"
    if os.environ.get("PHASELINE_BROWSER_TESTS") == "required":
        pytest.fail(reason)
    pytest.skip(reason)


def axe_core() -> Path:
    """The checker itself, out of a package that ships it."""
    from importlib.util import find_spec

    package = find_spec("axe_selenium_python")
    found = (
        [
            file
            for folder in (package.submodule_search_locations or [])
            for file in Path(folder).rglob("axe.min.js")
        ]
        if package
        else []
    )
    if not found:
        lacking("axe-core")
    return found[0]


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    try:
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service
    except ImportError:
        lacking("selenium")
    binary = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if binary is None:
        lacking("Chromium")
    if driver is None:
        lacking("ChromeDriver")
    options = webdriver.ChromeOptions()
    options.binary_location = str(binary)
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service(driver))
    yield browser
    browser.quit()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_page(placed.placed(), tmp_path_factory.mktemp("browser") / "out")


def visit(
    browser: Any, page: Path, size: tuple[int, int] = WIDE, *, dark: bool = False, scripts: bool = True
) -> None:
    """Open the page anew, with empty logs."""
    browser.get("about:blank")
    scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": scheme})
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not scripts})
    metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    for kind in ("browser", "performance"):
        browser.get_log(kind)
    browser.get(page.as_uri())


def eventually(browser: Any, script: str, seconds: float = 30.0) -> Any:
    """What a script returns once that is true."""
    end = time.monotonic() + seconds
    while not (found := browser.execute_script(f"return {script}")):
        assert time.monotonic() < end, f"never came true: {script}"
        time.sleep(0.1)
    return found


def see_all(browser: Any) -> None:
    """Open what is closed and scroll through the page, until every chart is drawn live."""
    browser.execute_script("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    for holder in browser.execute_script(
        "return [...document.querySelectorAll('[data-figure]')].map((one) => one.id)"
    ):
        browser.execute_script(f"document.getElementById('{holder}').scrollIntoView({{behavior: 'instant'}})")
        eventually(browser, f"document.getElementById('{holder}').dataset.live === 'yes'")


def silent(browser: Any, page: Path) -> None:
    """Nothing on the console, and nothing asked for but the page itself."""
    assert [entry["message"] for entry in browser.get_log("browser")] == []
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    assert {url for url in asked if not url.startswith("data:")} == {page.as_uri()}


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_every_chart_comes_alive_in_silence(chromium: Any, page: Path, size: tuple[int, int]) -> None:
    visit(chromium, page, size)
    see_all(chromium)
    silent(chromium, page)
    figures, live = chromium.execute_script(
        "return [document.querySelectorAll('[data-figure]').length, document.querySelectorAll('[data-live]').length]"
    )
    assert figures == live > 15
    assert chromium.execute_script("return document.documentElement.scrollWidth") <= size[0]
    too_wide = chromium.execute_script(
        "return [...document.querySelectorAll('[data-figure]')].filter((one) => one.querySelector('svg')"
        ".getBoundingClientRect().width > one.clientWidth + 8).map((one) => one.id)"
    )
    assert too_wide == []


def test_the_slider_replays_a_history(chromium: Any, page: Path) -> None:
    visit(chromium, page)
    state: Callable[[], list[str]] = lambda: chromium.execute_script(  # noqa: E731
        "return [document.getElementById('replay-date').textContent, document.querySelector('[data-share=north]').textContent,"
        "document.querySelector('[data-arc=north]').getAttribute('stroke-dasharray'),"
        "document.getElementById('replay-day').getAttribute('aria-valuetext'),"
        "document.querySelectorAll('#replay-log li').length]"
    )
    move = (
        "const day = document.getElementById('replay-day'); day.value = arguments[0];"
        "day.dispatchEvent(new Event('input', {bubbles: true}))"
    )
    chromium.execute_script(move, 0)
    assert state() == ["1 Mar 2020, day 0", "0 %", "0 100", "1 Mar 2020, day 0", 1]
    chromium.execute_script(move, 10_000)
    date, share, arc, told, lines = state()
    assert date.endswith("day 199")
    assert (share, arc, told, lines) == ("100 %", "100 100", date, 2)
    slider = chromium.find_element("id", "replay-day")
    slider.send_keys("\ue012")  # arrow to the left
    assert state()[0] != date
    chromium.execute_script(
        "const plan = document.getElementById('replay-plan'); plan.value = 'wait';"
        "plan.dispatchEvent(new Event('change', {bubbles: true}))"
    )
    play = chromium.find_element("id", "replay-play")
    play.send_keys(" ")  # as who has no mouse
    eventually(chromium, "document.getElementById('replay-play').textContent === 'Pause'")
    play.send_keys(" ")
    eventually(chromium, "document.getElementById('replay-play').textContent === 'Play'")
    silent(chromium, page)


def test_hover_shows_the_numbers(chromium: Any, page: Path) -> None:
    from selenium.webdriver import ActionChains

    visit(chromium, page)
    chromium.execute_script(
        "document.getElementById('figure-strain-0').scrollIntoView({behavior: 'instant', block: 'center'})"
    )
    eventually(chromium, "document.getElementById('figure-strain-0').dataset.live === 'yes'")
    chart = chromium.find_element("css selector", "#figure-strain-0 svg")
    ActionChains(chromium).move_to_element_with_offset(chart, 20, -60).perform()
    text = eventually(
        chromium,
        "(() => { const tip = document.getElementById('vg-tooltip-element');"
        "return tip && tip.classList.contains('visible') ? tip.textContent : '' })()",
    )
    assert "Both at once" in text
    assert "strain, median" in text
    assert "2020" in text
    silent(chromium, page)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious(chromium: Any, page: Path, dark: bool) -> None:
    script = axe_core()
    visit(chromium, page, dark=dark)
    see_all(chromium)
    chromium.execute_script(script.read_text(encoding="utf-8"))
    result = chromium.execute_async_script(
        "const done = arguments[0]; axe.run(document).then(done, (error) => done(String(error)))"
    )
    grave = [
        (violation["id"], violation["impact"], [node["html"][:150] for node in violation["nodes"]][:3])
        for violation in result["violations"]
        if violation["impact"] in ("serious", "critical")
    ]
    assert grave == []


def test_dark_and_light_can_be_chosen(chromium: Any, page: Path) -> None:
    paper = "getComputedStyle(document.querySelector('section')).backgroundColor"
    visit(chromium, page, dark=True)
    dark = chromium.execute_script(f"return {paper}")
    chromium.find_element("id", "theme").click()
    light = chromium.execute_script(f"return {paper}")
    assert (dark, light) == ("rgb(23, 28, 34)", "rgb(255, 255, 255)")
    assert chromium.find_element("id", "theme").text == "Dark"
    visit(chromium, page)
    assert chromium.execute_script(f"return {paper}") == light


def test_without_scripts_everything_still_stands_there(chromium: Any, page: Path) -> None:
    visit(chromium, page, scripts=False)

    def seen(question: str) -> Any:
        """Asked by the inspector, which the page's own ban does not bind. Ids of nodes would die with a late repaint."""
        result = chromium.execute_cdp_cmd("Runtime.evaluate", {"expression": question, "returnByValue": True})
        return result["result"]["value"]

    def count(selector: str) -> int:
        return int(seen(f"document.querySelectorAll({json.dumps(selector)}).length"))

    end = time.monotonic() + 30
    while not seen("document.readyState === 'complete' && location.protocol === 'file:'"):
        assert time.monotonic() < end, "the page never came"
        time.sleep(0.1)
    assert count("[data-live]") == 0, "scripts ran"
    assert count("[data-figure] > svg") == count("[data-figure]") > 15
    assert count("svg.theatre") == 1
    assert count("#tools[hidden]") == count(".controls[hidden]") == 1
    chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_it_prints(chromium: Any, page: Path, tmp_path: Path) -> None:
    visit(chromium, page, dark=True)
    printed = chromium.execute_cdp_cmd(
        "Page.printToPDF", {"printBackground": True, "preferCSSPageSize": True}
    )
    data = base64.b64decode(printed["data"])
    assert data.startswith(b"%PDF")
    assert 4 < data.count(b"/Type /Page\n") + data.count(b"/Type /Page ") + data.count(b"/Type/Page/") < 60


def test_markup_in_a_case_does_nothing(chromium: Any, tmp_path: Path) -> None:
    page = made_page(placed.evil(), tmp_path / "out", spoil=True)
    visit(chromium, page)
    see_all(chromium)
    chromium.execute_script("document.getElementById('replay-play').click()")
    time.sleep(0.5)
    assert chromium.execute_script("return window.broken") is None
    assert chromium.execute_script("return document.querySelectorAll('img').length") == 0
    assert placed.EVIL in chromium.execute_script("return document.querySelector('h1').textContent")
    silent(chromium, page)


def test_a_bare_result_is_silent_too(chromium: Any, tmp_path: Path) -> None:
    from outcomes import made
    from phaseline.outcomes.files import write

    write(made.duel(), tmp_path / "out")
    page = write_report(tmp_path / "out")
    visit(chromium, page)
    see_all(chromium)
    silent(chromium, page)
