package io.yimen.testkit;

import io.yimen.simulators.Door;
import java.util.function.Consumer;

/** Something that befalls a source for a while. */
public interface Trouble {
    void begin() throws Exception;

    void end() throws Exception;

    /** Nobody comes through to the source, and whoever is inside is thrown out. */
    static Part<Trouble> down(Door door) {
        return at(door, Door::shut);
    }

    /** Everything takes its time. */
    static Part<Trouble> slow(Door door) {
        return at(door, d -> d.slow(4 << 20));
    }

    /** The next connections break off after a few hundred bytes. */
    static Part<Trouble> rude(Door door) {
        return at(door, d -> d.breakOff(Door.Side.SERVER, Door.End.CLOSED, 600, 6));
    }

    private static Part<Trouble> at(Door door, Consumer<Door> begin) {
        if (!door.isUsed()) {
            return Part.without("the source is not reached through the network");
        }
        return Part.of(new Trouble() {
            @Override
            public void begin() {
                begin.accept(door);
            }

            @Override
            public void end() {
                door.open();
            }
        });
    }
}
