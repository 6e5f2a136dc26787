"""The page in a real browser, where there is one (Chromium, its driver, and selenium)."""

import shutil
from pathlib import Path

import cv2
import pytest

webdriver = pytest.importorskip("selenium.webdriver")
if not (shutil.which("chromium") and shutil.which("chromedriver")):
    pytest.skip("there is no Chromium here", allow_module_level=True)

OPTIONS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update --window-size=1400,1300 "
    "--use-gl=angle --use-angle=swiftshader --enable-unsafe-swiftshader"
)


@pytest.fixture
def browser(tmp_path: Path):
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for option in [*OPTIONS.split(), f"--user-data-dir={tmp_path / 'profile'}"]:
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    browser = webdriver.Chrome(options=options, service=service)
    yield browser
    browser.quit()


def test_an_image_is_shown_and_read(server, picture, inferencer, browser, tmp_path):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import Select, WebDriverWait

    browser.get(server.url)
    browser.find_element(By.ID, "file").send_keys(str(picture))
    status = browser.find_element(By.ID, "status")
    WebDriverWait(browser, 60).until(lambda _: "128 x 96 pixels" in status.text)
    canvases = browser.find_elements(By.CSS_SELECTOR, "canvas[data-view]")
    assert len(canvases) == 4

    # The reading under the cursor is that of the pixel that it names.
    webdriver.ActionChains(browser).move_to_element_with_offset(canvases[2], 20, -15).perform()
    text = browser.find_element(By.ID, "reading").text
    place, what, metres, normal = text.split(" · ")
    x, y = map(int, place.strip("()").split(", "))
    (prediction,) = inferencer(picture)
    classes = inferencer.dataset_meta["classes"]
    assert what.rpartition(" (")[0] == classes[prediction.maps["semseg"][y, x]]
    assert float(metres.removesuffix(" m")) == pytest.approx(
        prediction.maps["depth"][y, x], abs=0.0051
    )
    found = [float(v) for v in normal.removeprefix("normal ").split()]
    assert found == pytest.approx(prediction.maps["normal"][y, x].tolist(), abs=0.01)

    # The cloud is drawn, and recoloured.
    cloud = browser.find_element(By.CSS_SELECTOR, "#cloud canvas")
    before = cloud.screenshot_as_png
    Select(browser.find_element(By.ID, "color")).select_by_value("normal_map")
    WebDriverWait(browser, 30).until(lambda _: cloud.screenshot_as_png != before)
    (tmp_path / "cloud.png").write_bytes(cloud.screenshot_as_png)
    assert cv2.imread(str(tmp_path / "cloud.png")).std() > 5
    errors = [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    assert not errors, errors


def test_a_file_that_is_no_image(server, browser, tmp_path):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    (tmp_path / "notes.txt").write_text("junk")
    browser.get(server.url)
    browser.find_element(By.ID, "file").send_keys(str(tmp_path / "notes.txt"))
    status = browser.find_element(By.ID, "status")
    WebDriverWait(browser, 20).until(lambda _: "not an image that can be read" in status.text)
    assert status.get_attribute("class") == "error"
