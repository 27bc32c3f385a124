package io.yimen.bench.copy;

import java.util.List;

/**
 * Something that brings the rows of the source's tables to where they are read. One thread calls it, in this order:
 * {@link #prepare}, {@link #launch}, then anything, {@link #close} at last.
 */
interface CopySystem extends AutoCloseable {
    /** What it is called in results. */
    String name();

    /** Whether it goes on with what changes after the first copy. */
    default boolean follows() {
        return true;
    }

    /** Whether it has processes of its own, which {@link #stop} ends and {@link #launch} begins anew. */
    default boolean restarts() {
        return follows();
    }

    /** Makes what it copies to. */
    void prepare() throws Exception;

    /** Begins; the rows may not be there to be read yet. Returns when it is up, not when it has copied. */
    void launch() throws Exception;

    /** Ends it in order; {@link #launch} goes on from there. */
    void stop() throws Exception;

    /** Holds it for a while: it keeps what it has and takes nothing. */
    void pause() throws Exception;

    void resume() throws Exception;

    /** Numbers of its processes, databases apart. */
    List<Long> processes();

    /** Nanoseconds of CPU that it spends in the bench's own process. */
    default long ownCpu() {
        return 0;
    }

    CopyTarget target();

    /** The end of what it wrote to its log; empty if it keeps none. */
    String lastWords();

    @Override
    void close() throws Exception;
}
