package io.yimen.pool.run;

/** State of a run; stored by name. */
public enum RunStatus {
    RUNNING,
    /** Caught up and balanced; a streaming run stays so while it follows its source. */
    LIVE,
    COMPLETED,
    /** Ended by an error; the next run resumes at the committed offset. */
    FAILED,
    /** Stopped by a brake or an unbalanced count: a person decides. */
    RED
}
