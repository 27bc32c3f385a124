package io.yimen.simulators.demo;

import io.yimen.client.model.Run;
import io.yimen.client.model.RunStatus;
import io.yimen.client.model.Source;
import io.yimen.client.model.StreamCounts;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the person at the terminal sees. On a terminal the bars move; elsewhere there is a line now and then. */
final class Screen {
    private static final int BAR = 24;
    private static final int NAME = 26;
    private static final long LINE_EVERY_NANOS = 5_000_000_000L;

    private final PrintStream out;
    private final boolean moving;
    private final Map<String, Pace> paces = new HashMap<>();
    private int drawn;
    private long lastLines;

    /** When a source was first seen reading, and how fast it was at the end. */
    private static final class Pace {
        private String run = "";
        private long since;
        private long atFirst;
        private double perSecond;

        void observe(String id, long read, boolean reading, long now) {
            if (!id.equals(run)) {
                run = id;
                since = now;
                atFirst = 0;
                perSecond = 0;
            }
            double seconds = (now - since) / 1e9;
            if (reading && seconds > 0.2) {
                perSecond = (read - atFirst) / seconds;
            }
        }
    }

    Screen(PrintStream out, boolean moving) {
        this.out = out;
        this.moving = moving;
    }

    void say(String line) {
        out.println(line);
        out.flush();
        drawn = 0;
    }

    /** One line a source: how far its latest run has come. */
    void progress(List<Source> sources) {
        long now = System.nanoTime();
        StringBuilder text = new StringBuilder();
        boolean lines = moving || now - lastLines > LINE_EVERY_NANOS;
        if (moving && drawn > 0) {
            text.append("\033[").append(drawn).append('A');
        }
        for (Source source : sources) {
            String line = line(source, now);
            text.append(moving ? "\033[2K" : "").append(line).append('\n');
        }
        if (lines && !sources.isEmpty()) {
            out.print(text);
            out.flush();
            drawn = sources.size();
            lastLines = now;
        }
    }

    /** Shows where everything stands, once, whenever the last line was. */
    void progressAtLast(List<Source> sources) {
        lastLines = System.nanoTime() - 2 * LINE_EVERY_NANOS;
        progress(sources);
    }

    private String line(Source source, long now) {
        String name = padded(source.getTitle(), NAME);
        Run run = source.getLastRun();
        if (run == null) {
            return "  " + name + " waiting";
        }
        long read = run.getCounts().stream().mapToLong(StreamCounts::getRead).sum();
        boolean reading = run.getStatus() == RunStatus.RUNNING;
        Pace pace = paces.computeIfAbsent(source.getId(), id -> new Pace());
        pace.observe(run.getId(), read, reading, now);
        boolean through = HubView.isThrough(run);
        Long announced = run.getExpected();
        long expected = announced == null || through ? read : announced;
        String bar = bar(through ? 1 : expected == 0 ? 0 : Math.min(1.0, (double) read / expected));
        String count = through || expected == 0 ? number(read) : number(read) + "/" + number(Math.max(read, expected));
        String rate = pace.perSecond > 0 ? String.format(Locale.ROOT, "%,10.0f/s", pace.perSecond) : "            ";
        String state = switch (run.getStatus()) {
            case RUNNING -> "";
            case LIVE -> read == 0 ? "live, nothing to read again" : "live";
            case COMPLETED -> "done";
            case FAILED -> "failed, tries again: " + message(run);
            case RED -> "stopped: " + message(run);
        };
        return "  " + name + " " + bar + " " + "%17s".formatted(count) + " " + rate + "  " + state;
    }

    private static String message(Run run) {
        String message = run.getMessage();
        return message == null ? "see the log" : message;
    }

    private static String bar(double share) {
        int full = (int) Math.round(share * BAR);
        return "█".repeat(full) + "░".repeat(BAR - full);
    }

    static String number(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }

    /** Chinese characters take two columns. */
    static String padded(String text, int width) {
        int columns = text.codePoints()
                .map(c -> c >= 0x2E80 && c < 0xFFE0 || c > 0xFFFF ? 2 : 1)
                .sum();
        return text + " ".repeat(Math.max(0, width - columns));
    }
}
