package io.yimen.hub.erasure;

import io.yimen.pool.correction.Corrections;
import io.yimen.pool.erasure.Dossier;
import io.yimen.pool.model.Label;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A dossier as one page that can be read and printed without anything else: no script, no picture, nothing loaded. */
final class DossierPage {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(Corrections.ZONE);
    private static final String HEAD = """
            <!doctype html>
            <html lang="zh-CN"><head><meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>个人信息档案 Personal information</title>
            <style>
            body{font:14px/1.6 "Noto Sans CJK SC","Microsoft YaHei",sans-serif;margin:2em auto;max-width:60em;color:#1f2329}
            h1{font-size:22px}h2{font-size:17px;margin-top:2em;border-bottom:1px solid #c9cdd4}h2 small,th small{font-weight:400;color:#4e5969}
            table{border-collapse:collapse;width:100%;margin:.5em 0 1em}caption{text-align:left;font-weight:600}
            th,td{border:1px solid #c9cdd4;padding:.2em .6em;text-align:left;vertical-align:top;overflow-wrap:anywhere}th{width:16em;font-weight:400;background:#f7f8fa}
            @media print{body{margin:0;max-width:none}table{break-inside:avoid}}
            </style></head><body>
            """;

    private DossierPage() {}

    static String of(Dossier dossier) {
        StringBuilder page = new StringBuilder(HEAD);
        page.append("<h1>个人信息档案 <small>Personal information held</small></h1>\n<table>");
        row(page, new Label("姓名", "Name"), dossier.title());
        row(page, new Label("编号", "Number"), dossier.entityType() + "/" + dossier.id());
        row(page, new Label("目的", "Purpose"), dossier.purpose());
        row(page, new Label("制作人", "Put together by"), dossier.actor());
        row(page, new Label("制作时间（北京时间）", "Time (Beijing)"), TIME.format(dossier.at()));
        page.append("</table>\n");
        for (Dossier.Section section : dossier.sections()) {
            Label label = section.kind().label();
            page.append("<h2>").append(text(label.zh())).append(" <small>").append(text(label.en()));
            page.append("</small></h2>\n");
            if (section.entries().isEmpty()) {
                page.append("<p>无 <small>Nothing</small></p>\n");
            }
            for (Dossier.Entry entry : section.entries()) {
                page.append("<table><caption>").append(text(caption(entry))).append("</caption>");
                entry.values().forEach(value -> row(page, value.label(), value.value()));
                page.append("</table>\n");
            }
        }
        return page.append("</body></html>\n").toString();
    }

    private static String caption(Dossier.Entry entry) {
        return entry.object() + time(entry.at()) + (entry.actor() == null ? "" : "  " + entry.actor());
    }

    private static String time(@Nullable Instant at) {
        return at == null ? "" : "  " + TIME.format(at);
    }

    private static void row(StringBuilder page, Label label, String value) {
        page.append("<tr><th>").append(text(label.zh())).append(" <small>").append(text(label.en()));
        page.append("</small></th><td>").append(text(value)).append("</td></tr>\n");
    }

    /** What the data say is text, whatever it looks like. */
    private static String text(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '&' -> escaped.append("&amp;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.append(c);
            }
        }
        return escaped.toString();
    }
}
