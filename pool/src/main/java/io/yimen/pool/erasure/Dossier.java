package io.yimen.pool.erasure;

import io.yimen.pool.model.Label;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that is held on somebody, in clear.
 *
 * @param purpose for which it was put together
 * @param actor for whom
 */
public record Dossier(
        String entityType, long id, String title, String purpose, Instant at, String actor, List<Section> sections) {
    /** What a section tells. */
    public enum Kind {
        PUBLISHED("公布的内容", "What is published"),
        RECORDS("各来源系统的记录", "What each system says"),
        CORRECTIONS("更正与证明材料", "Corrections and their evidence"),
        TICKETS("发往来源系统的通知", "Tickets to the owners of systems"),
        DECISIONS("身份核对决定", "Decisions about identity"),
        QUARANTINE("隔离记录", "What waits in quarantine"),
        REFERRERS("引用本人的记录", "Records that refer to the person"),
        HISTORY("变更历史", "History"),
        DELIVERIES("对外提供", "Where it was delivered"),
        USES("查询与使用", "Who looked, and for what purpose");

        private final Label label;

        Kind(String zh, String en) {
            this.label = new Label(zh, en);
        }

        public Label label() {
            return label;
        }
    }

    /** One store of what is held. */
    public record Section(Kind kind, List<Entry> entries) {
        public Section {
            entries = List.copyOf(entries);
        }
    }

    /**
     * One item of it.
     *
     * @param object what it is about, e.g. {@code election/member-person/4711}
     */
    public record Entry(
            String object, @Nullable Instant at, @Nullable String actor, List<Value> values) {
        public Entry {
            values = List.copyOf(values);
        }

        @Override
        public String toString() {
            return "entry of a dossier";
        }
    }

    /** One value of an item. */
    public record Value(String name, Label label, String value) {
        @Override
        public String toString() {
            return name;
        }
    }

    public Dossier {
        sections = List.copyOf(sections);
    }

    @Override
    public String toString() {
        return "dossier of " + entityType + " " + id;
    }
}
