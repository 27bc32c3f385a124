package io.yimen.bench;

import java.io.IOException;

/** {@code bench identity} and {@code bench time}. */
public final class Bench {
    private Bench() {}

    public static void main(String[] args) throws IOException {
        if (args.length > 0 && args[0].equals("time")) {
            TimeBench.main(args);
        } else {
            IdentityBench.main(args);
        }
    }
}
