package io.yimen.bench;

import io.yimen.bench.copy.CopyBench;
import io.yimen.bench.get.GetBench;
import java.io.IOException;

/** {@code bench identity}, {@code bench time}, {@code bench copy} and {@code bench get}. */
public final class Bench {
    private Bench() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        switch (args.length == 0 ? "" : args[0]) {
            case "time" -> TimeBench.main(args);
            case "copy" -> CopyBench.main(args);
            case "get" -> GetBench.main(args);
            default -> IdentityBench.main(args);
        }
    }
}
