package io.yimen.connectors.mapping;

import io.yimen.pool.claim.Flag;
import java.util.List;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.NodeVisitor;

/** The text of an HTML body: a line for each block; scripts, styles, forms and what is embedded are no part of it. */
final class Html {
    /** Characters that are kept; the rest is cut off, and flagged. */
    static final int LONGEST = 20_000;

    private static final String NO_TEXT =
            "script,style,noscript,template,iframe,object,embed,svg,math,head,form,button,select,textarea,[hidden]";

    private Html() {}

    static String text(String field, String raw, List<Flag> flags) {
        Document document = Jsoup.parse(raw);
        document.select(NO_TEXT).remove();
        StringBuilder text = new StringBuilder();
        document.traverse(new NodeVisitor() {
            @Override
            public void head(Node node, int depth) {
                if (node instanceof TextNode words) {
                    append(text, words.text());
                } else if (node instanceof Element element
                        && (element.isBlock() || element.normalName().equals("br"))) {
                    breakLine(text);
                }
            }

            @Override
            public void tail(Node node, int depth) {
                if (node instanceof Element element && element.isBlock()) {
                    breakLine(text);
                }
            }
        });
        String lines = text.toString().strip();
        if (lines.length() <= LONGEST) {
            return lines;
        }
        flags.add(new Flag(field, "shortened"));
        int end = Character.isHighSurrogate(lines.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST;
        return lines.substring(0, end).strip();
    }

    private static void append(StringBuilder text, String words) {
        boolean begins = text.isEmpty() || text.charAt(text.length() - 1) == '\n';
        String more = words.replace('\u00A0', ' ');
        text.append(begins ? more.stripLeading() : more);
    }

    private static void breakLine(StringBuilder text) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == ' ') {
            end--;
        }
        text.setLength(end);
        if (end > 0 && text.charAt(end - 1) != '\n') {
            text.append('\n');
        }
    }
}
