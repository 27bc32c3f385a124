package io.yimen.pool.account;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sessions that were looked up a moment ago, so that not every request asks for its own again. They are forgotten when
 * any session may have ended anywhere, and nothing is kept while nobody listens for that. Thread-safe.
 */
final class KnownSessions {
    private static final int MOST = 10_000;
    /** Should PostgreSQL's word of an end ever be lost, it is noticed after so long. */
    private static final Duration AGE = Duration.ofSeconds(5);

    private final Map<ByteBuffer, Known> sessions = new ConcurrentHashMap<>();
    /** Odd while somebody listens; each forgetting makes it another one. */
    private final AtomicLong turn = new AtomicLong();

    private record Known(Account account, Instant until) {}

    /** The turn in which a session is looked up, to be handed to {@link #keep}. */
    long turn() {
        return turn.get();
    }

    Optional<Account> find(byte[] token, Instant now) {
        Known known = sessions.get(ByteBuffer.wrap(token));
        return known != null && now.isBefore(known.until) ? Optional.of(known.account) : Optional.empty();
    }

    /** Keeps what was looked up, unless a session may have ended since. */
    void keep(long looked, byte[] token, Account account, Instant expires, Instant now) {
        Instant until = now.plus(AGE);
        synchronized (this) {
            if (looked == turn.get() && looked % 2 == 1) {
                if (sessions.size() >= MOST) {
                    sessions.clear();
                }
                sessions.put(ByteBuffer.wrap(token), new Known(account, until.isBefore(expires) ? until : expires));
            }
        }
    }

    /** Forgets all. */
    synchronized void forget() {
        turn.addAndGet(2);
        sessions.clear();
    }

    /** Begins or ceases to keep any. */
    synchronized void listening(boolean listening) {
        long now = turn.get();
        turn.set(now + (now % 2 == 1 == listening ? 2 : 1));
        sessions.clear();
    }
}
