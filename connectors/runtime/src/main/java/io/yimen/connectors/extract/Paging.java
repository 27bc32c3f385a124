package io.yimen.connectors.extract;

import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.manifest.RestSettings;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Leads from one page of a pull to the next. For one thread, and for one pull. */
final class Paging {
    private static final int MOST_PAGES = 100_000;
    private static final Pattern LINK = Pattern.compile("<([^>]*)>((?:\\s*;[^,;\"]*(?:\"[^\"]*\"[^,;]*)?)*)");
    private static final Pattern NEXT = Pattern.compile("(?i);\\s*rel\\s*=\\s*\"?[^\"]*\\bnext\\b");

    private final String connector;
    private final RestSettings.Page page;
    private final String url;
    private final String since;
    private final Set<String> been = new HashSet<>();
    private URI at;
    private int number = 1;
    private long rows;

    /** @param since what is asked for besides, as a query; empty for everything */
    Paging(String connector, RestSettings.Page page, String url, String since) {
        this.connector = connector;
        this.page = page;
        this.url = url;
        this.since = since;
        this.at = address(
                switch (page.by()) {
                    case PAGE, OFFSET -> Integer.toString(page.first());
                    case CURSOR, LINK -> "";
                });
    }

    private URI address(String place) {
        String query = Stream.of(
                        place.isEmpty() ? "" : encode(page.parameter()) + "=" + encode(place),
                        page.sizeParameter().isEmpty() ? "" : encode(page.sizeParameter()) + "=" + page.size(),
                        since)
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining("&"));
        return URI.create(query.isEmpty() ? url : url + (url.contains("?") ? "&" : "?") + query);
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** Where the page at hand is asked for. */
    URI address() {
        return at;
    }

    /** Its number as messages and quarantine tell it. */
    int number() {
        return page.by() == RestSettings.By.PAGE ? page.first() + number - 1 : number;
    }

    boolean isFirst() {
        return number == 1;
    }

    /** Rows up to here. */
    long rows() {
        return rows;
    }

    /** Moves on to the next page; false if the page at hand was the last. */
    boolean advance(PageReader.Page answer, HttpHeaders headers) {
        int found = answer.rows().size();
        rows += found;
        boolean counted = found == 0
                || (answer.total().isPresent() ? rows >= answer.total().getAsLong() : found < page.size());
        Optional<URI> next = switch (page.by()) {
            case PAGE -> counted ? Optional.empty() : Optional.of(address(Integer.toString(page.first() + number)));
            case OFFSET -> counted ? Optional.empty() : Optional.of(address(Long.toString(page.first() + rows)));
            case CURSOR -> answer.next().map(this::address);
            case LINK -> link(headers);
        };
        if (next.isEmpty()) {
            return false;
        }
        been.add(at.toString());
        at = next.get();
        number++;
        if (been.contains(at.toString()) || number > MOST_PAGES) {
            throw new ConnectorException(
                    ConnectorException.Kind.UNEXPECTED,
                    "repeated-page",
                    "page " + (number() - 1) + " of " + connector + " leads back to one that was read before; ask the"
                            + " owner of the source");
        }
        return true;
    }

    private Optional<URI> link(HttpHeaders headers) {
        for (String value : headers.allValues("Link")) {
            Matcher link = LINK.matcher(value);
            while (link.find()) {
                if (NEXT.matcher(link.group(2)).find()) {
                    return Optional.of(sameHost(link.group(1)));
                }
            }
        }
        return Optional.empty();
    }

    private URI sameHost(String link) {
        URI next;
        try {
            next = at.resolve(link);
        } catch (IllegalArgumentException e) {
            throw elsewhere();
        }
        if (!java.util.Objects.equals(next.getScheme(), at.getScheme())
                || !java.util.Objects.equals(next.getRawAuthority(), at.getRawAuthority())) {
            throw elsewhere();
        }
        return next;
    }

    private ConnectorException elsewhere() {
        return new ConnectorException(
                ConnectorException.Kind.UNEXPECTED,
                "redirect",
                "page " + number() + " of " + connector + " leads to another host, which is not followed; ask the owner"
                        + " of the source");
    }
}
