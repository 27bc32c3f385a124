package io.yimen.testkit;

import java.util.Locale;

/** What is asked of every connector, in the order in which it is tried. */
public enum Check {
    READS_ALL("reads every record, a crash in the middle included"),
    RESUMES("goes on after the committed offset"),
    REPEATS("what is read twice changes nothing"),
    DELETES("declared deletes arrive; where none are declared, none come"),
    TEXT("rare characters come through as they were written"),
    DATES("dates and times of the declared zone are right"),
    POISON("a record that cannot be read waits, its neighbours are applied"),
    DOWN("a source that is down is said, and nothing is lost"),
    SLOW("a slow source is waited for"),
    RUDE("a source that breaks off costs nothing"),
    DRIFT("a changed form is noticed, and what was read stays"),
    BALANCED("every run is closed and its counts balance"),
    MEMORY("a large source needs no more memory");

    private final String sentence;

    Check(String sentence) {
        this.sentence = sentence;
    }

    /** Name in reports, e.g. {@code reads-all}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** What it asks, as a sentence. */
    public String sentence() {
        return sentence;
    }
}
