package io.yimen.connectors.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.Charset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of {@code rest-pages}.
 *
 * @param page how the pages are asked for
 * @param since what has changed is asked for in between; null where each pull is whole
 * @param okPath where the answer says that all is well, with {@code okValue}; null where it does not say
 * @param totalPath where the number of all rows stands; null where it does not say
 * @param rowsPath path to the rows; {@code /} where the answer is a list itself
 */
public record RestSettings(
        String url,
        Map<String, String> headers,
        String interval,
        String timeout,
        boolean xml,
        Charset charset,
        Page page,
        @Nullable Since since,
        @Nullable String okPath,
        String okValue,
        @Nullable String totalPath,
        String rowsPath,
        int maxBytes,
        String timeZone)
        implements Manifest.Settings {
    public RestSettings {
        headers = Map.copyOf(headers);
    }

    @Override
    public String kind() {
        return "rest-pages";
    }

    /** What leads from one page to the next. */
    public enum By {
        /** The page's number. */
        PAGE,
        /** How many rows came before. */
        OFFSET,
        /** A word in the answer, which is sent with the next request. */
        CURSOR,
        /** The address in the answer's header Link, rel=next. */
        LINK
    }

    /**
     * How pages are asked for.
     *
     * @param parameter with the number, the offset or the cursor; empty for links
     * @param first the first number
     * @param sizeParameter empty where the source does not ask for a size
     * @param next path to the cursor in the answer; empty otherwise
     */
    public record Page(By by, String parameter, int first, String sizeParameter, int size, String next) {}

    /**
     * How to ask for what has changed since a time.
     *
     * @param parameter with the time
     * @param column of a row that says when it last changed
     * @param pattern in which the time is written, there and here; null for ISO-8601
     * @param overlap how much earlier is asked for than was seen, for rows that come late
     * @param fullEvery after which time everything is asked for again
     */
    public record Since(
            String parameter, String column, @Nullable String pattern, String overlap, String fullEvery) {}

    static RestSettings read(JsonNode s, ManifestReader reader) {
        Map<String, String> headers = new LinkedHashMap<>();
        s.path("headers")
                .properties()
                .forEach(e -> headers.put(e.getKey(), e.getValue().asText()));
        return new RestSettings(
                s.path("url").asText(),
                headers,
                s.path("interval").asText("PT1H"),
                s.path("timeout").asText("PT30S"),
                s.path("format").asText().equals("xml"),
                reader.charset(s.path("charset"), "settings.charset"),
                page(s.path("page"), reader),
                s.has("since") ? since(s.path("since"), reader) : null,
                s.has("ok") ? s.path("ok").path("path").asText() : null,
                s.path("ok").path("value").asText(""),
                s.has("total") ? s.path("total").asText() : null,
                s.path("rows").asText(),
                s.path("maxBytes").asInt(64 * 1024 * 1024),
                reader.zone(s));
    }

    private static Page page(JsonNode page, ManifestReader reader) {
        By by = By.valueOf(page.path("by").asText("page").toUpperCase(Locale.ROOT));
        if ((by == By.LINK) == page.has("parameter")) {
            reader.error(
                    "settings.page",
                    by == By.LINK ? "links need no \"parameter\"" : "key \"parameter\" is missing (query parameter)");
        }
        if ((by == By.CURSOR) != page.has("next")) {
            reader.error("settings.page", "\"next\" is the path to the next cursor, and needed with by: cursor alone");
        }
        if ((by == By.PAGE || by == By.OFFSET) && !page.has("sizeParameter")) {
            reader.error(
                    "settings.page",
                    "key \"sizeParameter\" is missing (query parameter with the number of rows a page)");
        }
        return new Page(
                by,
                page.path("parameter").asText(""),
                page.path("first").asInt(by == By.PAGE ? 1 : 0),
                page.path("sizeParameter").asText(""),
                page.path("size").asInt(100),
                page.path("next").asText(""));
    }

    private static Since since(JsonNode s, ManifestReader reader) {
        String pattern = s.has("pattern") ? s.path("pattern").asText() : null;
        if (pattern != null) {
            try {
                var unused = DateTimeFormatter.ofPattern(pattern);
            } catch (IllegalArgumentException e) {
                reader.error("settings.since.pattern", "is no pattern of a time; write it like yyyy-MM-dd HH:mm:ss");
            }
        }
        return new Since(
                s.path("parameter").asText(),
                s.path("column").asText(),
                pattern,
                s.path("overlap").asText("PT10M"),
                s.path("fullEvery").asText("P1D"));
    }
}
