package io.yimen.testkit;

/** Makes a source large. */
public interface Crowd {
    void fill() throws Exception;
}
