package io.yimen.integration;

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
        // The root's store closes it after the last test.
        return context.getRoot()
                .getStore(NAMESPACE)
                .computeIfAbsent(TestBed.class, type -> TestBed.filled(), TestBed.class);
    }
}
