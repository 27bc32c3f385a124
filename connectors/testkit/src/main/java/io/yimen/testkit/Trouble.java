package io.yimen.testkit;

/** Something that befalls a source for a while. */
public interface Trouble {
    void begin() throws Exception;

    void end() throws Exception;
}
