package io.yimen.integration;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Hands out one bed with a running hub, filled once, to the tests that only read. */
final class SharedHub implements ParameterResolver {
    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(SharedHub.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == TestBed.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        // The root's store closes it after the last test; a bed that could not be made is not tried again.
        Made made = context.getRoot().getStore(NAMESPACE).computeIfAbsent(Made.class, type -> Made.now(), Made.class);
        if (made.bed == null) {
            throw new IllegalStateException("The shared hub could not be filled", made.failure);
        }
        return made.bed;
    }

    private record Made(@Nullable TestBed bed, @Nullable Throwable failure) implements AutoCloseable {
        static Made now() {
            try {
                return new Made(TestBed.filled(), null);
            } catch (RuntimeException | Error e) {
                return new Made(null, e);
            }
        }

        @Override
        public void close() {
            if (bed != null) {
                bed.close();
            }
        }
    }
}
