package io.yimen.simulators.demo;

import java.nio.file.Path;
import java.util.List;

/**
 * What the command line asked for.
 *
 * @param once end after the first full sync
 * @param json one JSON object on standard output, everything else on standard error
 * @param fresh begin anew
 * @param fast the legacy systems change many times a second instead of now and then
 * @param residents how many residents the community system has when it is made, about; 0 for a demo without it
 * @param data folder of everything that is kept
 */
record DemoOptions(boolean once, boolean json, boolean fresh, boolean fast, int residents, Path data) {
    static final String USAGE =
            "usage: yimen demo [--once] [--json] [--fresh] [--fast] [--residents N]" + " [--data DIR]";
    /** A district. */
    static final int RESIDENTS = 50_000;

    /** A large one, or a small city. */
    private static final int MOST_RESIDENTS = 3_500_000;

    static DemoOptions parse(List<String> arguments) {
        boolean once = false;
        boolean json = false;
        boolean fresh = false;
        boolean fast = false;
        int residents = RESIDENTS;
        Path data = Path.of(".yimen");
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            switch (argument) {
                case "--once" -> once = true;
                case "--json" -> json = true;
                case "--fresh" -> fresh = true;
                case "--fast" -> fast = true;
                case "--residents" -> residents = residents(++i < arguments.size() ? arguments.get(i) : "");
                case "--data" -> {
                    if (++i == arguments.size()) {
                        throw new DemoException("--data names no folder\n" + USAGE);
                    }
                    data = Path.of(arguments.get(i));
                }
                default -> throw new DemoException("Unknown option " + argument + "\n" + USAGE);
            }
        }
        return new DemoOptions(
                once, json, fresh, fast, residents, data.toAbsolutePath().normalize());
    }

    private static int residents(String text) {
        int number = text.matches("[0-9]{1,7}") ? Integer.parseInt(text) : MOST_RESIDENTS + 1;
        if (number > MOST_RESIDENTS) {
            throw new DemoException("--residents takes a number up to " + MOST_RESIDENTS + "\n" + USAGE);
        }
        return number;
    }
}
