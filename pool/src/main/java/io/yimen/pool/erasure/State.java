package io.yimen.pool.erasure;

/** What has become of a request to erase; stored by name. */
public enum State {
    /** Waits for a second person. */
    REQUESTED,
    /** Taken back, or not granted. */
    WITHDRAWN,
    /** Erased. */
    DONE,
    /** Erased, and let in again since. */
    LIFTED
}
