package io.yimen.integration;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The portal of a bed in a real browser. */
final class Portal implements AutoCloseable {
    private static final double PATIENCE = 15_000;

    private final TestBed bed;
    private final Playwright playwright;
    private final Browser browser;
    private final Page page;
    private final List<String> complaints = new ArrayList<>();

    private Portal(TestBed bed, Playwright playwright, Browser browser, Page page) {
        this.bed = bed;
        this.playwright = playwright;
        this.browser = browser;
        this.page = page;
        page.setDefaultTimeout(PATIENCE);
        page.onConsoleMessage(message -> BrowserIT.note(message, complaints));
        page.onPageError(complaints::add);
    }

    /** Opens the sign-in page. */
    static Portal open(TestBed bed, int width, int height) {
        Playwright playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        try {
            Browser browser = BrowserIT.launch(playwright);
            Page page = browser.newContext(new Browser.NewContextOptions()
                            .setViewportSize(width, height)
                            .setLocale("zh-CN"))
                    .newPage();
            Portal portal = new Portal(bed, playwright, browser, page);
            page.navigate(bed.hub().portal().toString());
            page.getByTestId("login").waitFor();
            return portal;
        } catch (RuntimeException | Error e) {
            playwright.close();
            throw e;
        }
    }

    Page page() {
        return page;
    }

    /** Errors that the browser's console told. */
    List<String> complaints() {
        return complaints;
    }

    void signIn(String login) {
        BrowserIT.type(page, "login", login);
        BrowserIT.type(page, "password", TestBed.PASSWORD);
        page.getByTestId("sign-in").click();
        page.getByTestId("account-menu").waitFor();
    }

    /** Goes to a path of the portal. */
    void go(String path) {
        page.navigate(bed.hub().portal().resolve(path).toString());
    }

    void shoot(String name) {
        BrowserIT.shoot(page, name);
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }
}
