package io.yimen.simulators.demo;

import java.nio.file.Path;
import java.util.List;

/**
 * What the command line asked for.
 *
 * @param once end after the first full sync
 * @param json one JSON object on standard output, everything else on standard error
 * @param fresh begin anew
 * @param fast the election system changes many times a second instead of now and then
 * @param data folder of everything that is kept
 */
record DemoOptions(boolean once, boolean json, boolean fresh, boolean fast, Path data) {
    static final String USAGE = "usage: yimen demo [--once] [--json] [--fresh] [--fast] [--data DIR]";

    static DemoOptions parse(List<String> arguments) {
        boolean once = false;
        boolean json = false;
        boolean fresh = false;
        boolean fast = false;
        Path data = Path.of(".yimen");
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            switch (argument) {
                case "--once" -> once = true;
                case "--json" -> json = true;
                case "--fresh" -> fresh = true;
                case "--fast" -> fast = true;
                case "--data" -> {
                    if (++i == arguments.size()) {
                        throw new DemoException("--data names no folder\n" + USAGE);
                    }
                    data = Path.of(arguments.get(i));
                }
                default -> throw new DemoException("Unknown option " + argument + "\n" + USAGE);
            }
        }
        return new DemoOptions(once, json, fresh, fast, data.toAbsolutePath().normalize());
    }
}
