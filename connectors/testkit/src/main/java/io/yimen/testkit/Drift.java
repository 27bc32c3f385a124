package io.yimen.testkit;

/** Changes the form of what a source sends. */
public interface Drift {
    /** From now on every row has this column more. */
    void add(String column) throws Exception;

    /** Takes a column away that {@link #add} has added. */
    void remove(String column) throws Exception;

    /** The column is called otherwise from now on; its values stay. */
    void rename(String from, String to) throws Exception;
}
