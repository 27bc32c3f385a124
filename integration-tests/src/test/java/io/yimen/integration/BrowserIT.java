package io.yimen.integration;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A community worker's way through the portal, in a real browser. */
@ExtendWith(SharedHub.class)
class BrowserIT {
    private static final double PATIENCE = 15_000;
    private final TestBed bed;

    BrowserIT(TestBed bed) {
        this.bed = bed;
    }

    @Test
    void followsAMergedOrganisationToItsSources() {
        List<String> complaints = new ArrayList<>();
        try (Playwright playwright = Playwright.create(
                        new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
                Browser browser = launch(playwright)) {
            Page page = browser.newContext(new Browser.NewContextOptions()
                            .setViewportSize(1360, 860)
                            .setLocale("zh-CN"))
                    .newPage();
            page.setDefaultTimeout(PATIENCE);
            page.onConsoleMessage(message -> note(message, complaints));
            page.onPageError(complaints::add);

            page.navigate(bed.hub().portal().toString());
            page.getByTestId("login").waitFor();
            shoot(page, "1-sign-in");
            type(page, "login", TestBed.OFFICER);
            type(page, "password", TestBed.PASSWORD);
            page.getByTestId("sign-in").click();

            page.getByTestId("community-select").waitFor();
            choose(page, bed.community().name());
            page.getByTestId("committee-card").first().waitFor();
            assertThat(page.getByTestId("committee-card").first()).containsText(bed.community().name());
            shoot(page, "2-community");

            Locator merged = page.getByTestId("merged-badge").first();
            merged.waitFor();
            merged.click();
            page.getByTestId("tab-lineage").click();
            page.getByTestId("source-chip").first().waitFor();
            List<String> sources = page.getByTestId("source-chip").allInnerTexts().stream()
                    .map(String::strip)
                    .filter(text -> !text.isEmpty())
                    .distinct()
                    .toList();
            shoot(page, "3-lineage");
            assertThat(sources).as("systems behind the merged organisation").hasSizeGreaterThanOrEqualTo(2);

            page.getByTestId("tab-history").click();
            page.getByTestId("history-entry").first().waitFor();
            shoot(page, "4-history");
            assertThat(page.getByTestId("history-entry").count()).isPositive();

            // What the worker sees holds no sensitive value in clear.
            assertThat(bed.canaries().findIn(page.content())).isEmpty();
            assertThat(complaints).as("errors in the browser's console").isEmpty();
        }
    }

    private static Browser launch(Playwright playwright) {
        Path program = Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new AssertionError(
                        "No browser on this machine. On Debian: apt-get install chromium fonts-noto-cjk; or run"
                                + " ./yimen verify, which installs it"));
        return playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(program)
                        .setArgs(List.of(
                                "--no-sandbox",
                                "--disable-gpu",
                                "--disable-quic",
                                "--no-first-run",
                                "--disable-background-networking",
                                "--disable-component-update",
                                "--disable-sync")));
    }

    /** Element Plus puts a test id on the input itself or on the element around it. */
    private static void type(Page page, String testId, String text) {
        Locator field = page.getByTestId(testId);
        Locator inner = field.locator("input");
        (inner.count() > 0 ? inner.first() : field).fill(text);
    }

    private static void choose(Page page, String community) {
        Locator select = page.getByTestId("community-select");
        select.click();
        Locator input = select.locator("input");
        if (input.count() > 0 && input.first().isEditable()) {
            input.first().fill(community);
        }
        page.locator(".el-select-dropdown__item:visible, .el-tree-node:visible, [role=option]:visible")
                .filter(new Locator.FilterOptions().setHasText(community))
                .first()
                .click();
    }

    private static void shoot(Page page, String name) {
        page.screenshot(new Page.ScreenshotOptions()
                .setPath(Places.root().resolve("integration-tests/target/screenshots/" + name + ".png"))
                .setFullPage(true));
    }

    private static void note(ConsoleMessage message, List<String> complaints) {
        // The first look at the session of somebody who has none is answered with 401, which browsers report.
        if (message.type().equals("error") && !message.text().contains("401")) {
            complaints.add(message.text());
        }
    }
}
