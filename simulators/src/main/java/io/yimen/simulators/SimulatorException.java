package io.yimen.simulators;

import org.jspecify.annotations.Nullable;

/** A simulated system or a server under it cannot do what was asked; the message says what and what to do. */
public final class SimulatorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public SimulatorException(String message) {
        super(message);
    }

    public SimulatorException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
