package io.yimen.connectors;

import io.yimen.connectors.extract.Session;
import io.yimen.connectors.extract.Stop;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.CompleteSet;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.run.Outcome;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Looks at a connector's real source: is it reached, is it what the manifest says. Takes nothing into the pool. */
public final class SourceCheck {
    private SourceCheck() {}

    /**
     * What was seen.
     *
     * @param found what is as it should be, or worth knowing
     * @param wrong what is not, each with what to do; no values of records
     */
    public record Findings(List<String> found, List<String> wrong) {
        public Findings {
            found = List.copyOf(found);
            wrong = List.copyOf(wrong);
        }
    }

    /** Reads no more than the source's first batch; kinds that follow a log read no record at all. */
    public static Findings of(Connector connector, Clock clock) throws InterruptedException {
        Looking looking = new Looking(connector, clock);
        List<String> wrong = new ArrayList<>();
        try {
            connector.extractor().inspect(looking);
            looking.found.add(0, "the source is reached");
        } catch (ConnectorException e) {
            if (e.kind() == ConnectorException.Kind.STOPPED) {
                looking.found.add(0, "the source is reached");
            } else {
                wrong.add(String.valueOf(e.getMessage()));
            }
        }
        looking.sum();
        wrong.addAll(looking.wrong);
        return new Findings(looking.found, wrong);
    }

    /** A session that keeps only what it learns, and stops after one batch. */
    private static final class Looking implements Session {
        private final Connector connector;
        private final Clock clock;
        private final Stop stop = new Stop();
        private final List<String> found = new ArrayList<>();
        private final List<String> wrong = new ArrayList<>();
        private final Set<String> keys = new HashSet<>();
        private final TreeMap<String, Integer> rejections = new TreeMap<>();
        private long records;
        private long repeated;

        Looking(Connector connector, Clock clock) {
            this.connector = connector;
            this.clock = clock;
        }

        @Override
        public Connector connector() {
            return connector;
        }

        @Override
        public boolean isOnce() {
            return true;
        }

        @Override
        public Stop stop() {
            return stop;
        }

        @Override
        public Clock clock() {
            return clock;
        }

        @Override
        public Optional<String> findOffset() {
            return Optional.empty();
        }

        @Override
        public void openRun(String kind, OptionalLong expected) {
            // nothing is run
        }

        @Override
        public void expect(long expected) {
            found.add("it announces " + expected + " records");
        }

        @Override
        public void live() {
            stop.request();
        }

        @Override
        public void complete(@Nullable String message) {
            stop.request();
        }

        @Override
        public void fail(String message) {
            wrong.add(message);
            stop.request();
        }

        @Override
        public void waiting() {
            found.add("there is nothing to read just now");
            stop.request();
        }

        @Override
        public void notice(String message) {
            found.add(message);
        }

        @Override
        public List<Outcome> apply(
                @Nullable String offset,
                List<ChangeEvent> events,
                List<Rejected> rejected,
                List<CompleteSet> completeSets) {
            records += events.size() + rejected.size();
            for (ChangeEvent event : events) {
                repeated += keys.add(event.stream().id() + "/" + event.key()) ? 0 : 1;
            }
            for (Rejected item : rejected) {
                String field = item.field() == null ? "" : " in " + item.field();
                rejections.merge(item.stream() + ": " + item.reason() + field, 1, Integer::sum);
            }
            stop.request();
            return List.of();
        }

        void sum() {
            if (records == 0) {
                return;
            }
            long faulty = rejections.values().stream().mapToInt(i -> i).sum();
            found.add("of its first " + records + " records " + (records - faulty) + " are understood");
            if (repeated > 0) {
                wrong.add(repeated + " records came with a key that came before; correct the stream's key");
            }
            rejections.forEach((what, number) -> {
                // A few are life; where most are, it is the manifest.
                String line = number + " × " + what;
                if (number * 2 > records) {
                    wrong.add(line + "; correct the mapping, or settings.charset where it is about text");
                } else {
                    found.add(line + " would wait in quarantine");
                }
            });
        }
    }
}
