package io.yimen.pool.account;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Slows repeated failures down: after {@value #FREE} in a row each further one doubles the wait, up to fifteen
 * minutes. An attempt counts as failed from its start, so that many at once do not slip through. Bounded: what was
 * tried longest ago is forgotten first.
 */
final class Throttle {
    private static final int FREE = 5;
    private static final int REMEMBERED = 10_000;
    private static final Duration LONGEST = Duration.ofMinutes(15);

    private final Clock clock;
    private final Map<String, Failures> byLogin = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Failures> eldest) {
            return size() > REMEMBERED;
        }
    };

    private record Failures(int count, Instant until) {}

    Throttle(Clock clock) {
        this.clock = clock;
    }

    /** Takes an attempt; the wait if there is to be none yet. */
    synchronized Optional<Duration> take(String login) {
        Instant now = clock.instant();
        Failures before = byLogin.getOrDefault(login, new Failures(0, Instant.EPOCH));
        if (now.isBefore(before.until())) {
            return Optional.of(Duration.between(now, before.until()));
        }
        // A quiet quarter of an hour clears the slate.
        int count = now.isAfter(before.until().plus(LONGEST)) ? 1 : before.count() + 1;
        byLogin.put(login, new Failures(count, now.plus(wait(count))));
        return Optional.empty();
    }

    synchronized void succeeded(String login) {
        byLogin.remove(login);
    }

    private static Duration wait(int failures) {
        if (failures < FREE) {
            return Duration.ZERO;
        }
        Duration doubled = Duration.ofSeconds(1L << Math.min(failures - FREE, 10));
        return doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
    }
}
