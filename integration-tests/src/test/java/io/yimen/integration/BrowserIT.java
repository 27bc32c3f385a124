package io.yimen.integration;

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
import java.util.Set;
import java.util.stream.Collectors;
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

            page.getByTestId("community-select").first().waitFor();
            type(page, "community-select", bed.community().name());
            page.getByTestId("community-option")
                    .filter(new Locator.FilterOptions()
                            .setHasText(bed.community().name()))
                    .first()
                    .click();
            // Of the committees of a place, the one that several systems know.
            Locator card = page.getByTestId("committee-card")
                    .filter(new Locator.FilterOptions().setHas(page.locator("[data-testid=merged-badge].many")))
                    .first();
            card.waitFor();
            page.getByTestId("members-card").waitFor();
            shoot(page, "2-community");

            card.getByTestId("committee-link").click();
            page.getByTestId("record-head").waitFor();
            page.getByTestId("source-chip").first().waitFor();
            shoot(page, "3-record");

            page.getByTestId("tab-lineage").click();
            page.getByTestId("lineage-source").first().waitFor();
            Set<String> sources = page.getByTestId("lineage-source").locator("strong").allInnerTexts().stream()
                    .map(String::strip)
                    .collect(Collectors.toSet());
            assertThat(sources).as("systems behind the merged organisation").hasSizeGreaterThanOrEqualTo(2);
            assertThat(sources).contains("村居两委换届选举系统");
            shoot(page, "4-lineage");

            page.getByTestId("tab-history").click();
            page.getByTestId("history-entry").first().waitFor();
            shoot(page, "5-history");
            assertThat(page.getByTestId("history-entry").count()).isPositive();

            page.navigate(bed.hub().portal().resolve("/ledgers/persons").toString());
            page.getByTestId("ledger-table").waitFor();
            page.getByTestId("ledger-table").locator("tbody tr").first().waitFor();
            shoot(page, "6-persons");
            assertThat(bed.canaries().findIn(page.content())).isEmpty();

            page.navigate(bed.hub().portal().resolve("/operations").toString());
            page.getByTestId("runs-table").waitFor();
            shoot(page, "7-runs");

            // What the worker sees holds no sensitive value in clear.
            assertThat(bed.canaries().findIn(page.content())).isEmpty();
            assertThat(complaints).as("errors in the browser's console").isEmpty();
        }
    }

    static Browser launch(Playwright playwright) {
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
    static void type(Page page, String testId, String text) {
        Locator field = page.getByTestId(testId).first();
        Locator inner = field.locator("input");
        (inner.count() > 0 ? inner.first() : field).fill(text);
    }

    static void shoot(Page page, String name) {
        page.screenshot(new Page.ScreenshotOptions()
                .setPath(Places.root().resolve("integration-tests/target/screenshots/" + name + ".png"))
                .setFullPage(true));
    }

    static void note(ConsoleMessage message, List<String> complaints) {
        // The first look at the session of somebody who has none is answered with 401, which browsers report.
        if (message.type().equals("error") && !message.text().contains("401")) {
            complaints.add(message.text());
        }
    }
}
