package io.yimen.testkit.systems;

import io.yimen.simulators.CommunityWeb;
import io.yimen.simulators.Door;
import io.yimen.testkit.Part;
import io.yimen.testkit.Probe;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** {@code community-web}: the articles of the communities' web site, pages of JSON with bodies in HTML. */
public final class WebArticles extends Served {
    public WebArticles() {
        super(CommunityWeb.start(7, 100), "id");
    }

    /** Every read is a whole one: what was taken off is told by no other, and the next would be due tomorrow. */
    @Override
    public Map<String, String> configuration(Door door) {
        Map<String, String> keys = new TreeMap<>(super.configuration(door));
        keys.put("yimen.connector.community-web.full-every", "PT0S");
        return keys;
    }

    @Override
    public String stream() {
        return "article";
    }

    @Override
    public Map<String, String> row(int number) {
        Map<String, String> row = sample();
        row.remove("updateTime");
        row.put("id", "kit-" + number);
        row.put("channel", "notice");
        row.put("title", "第" + number + "号通知");
        return row;
    }

    @Override
    public Probe text() {
        return new Probe("title", "䶮𠮷喆é\"通知", "title", "䶮𠮷喆é\"通知");
    }

    @Override
    public Part<List<Probe>> dates() {
        return Part.of(List.of(
                new Probe("publishDate", "2024-02-29", "publishedAt", "2024-02-29"),
                new Probe("updateTime", "2024-02-29T23:30:00+08:00", Probe.UPDATED, "2024-02-29T15:30:00Z"),
                new Probe("updateTime", "2025-12-31T23:59:59Z", Probe.UPDATED, "2025-12-31T23:59:59Z")));
    }

    @Override
    public Part<Probe> poison() {
        return Part.of(new Probe("publishDate", "2026-02-30", "publishedAt", "invalid-date"));
    }
}
