package io.virtman.cinder.database;

import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** One {@link TestCinder} for all tests, emptied before each. */
public final class CinderExtension implements BeforeEachCallback, ParameterResolver {
    private static final String KEY = TestCinder.class.getName();

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        shared(context).reset();
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == TestCinder.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return shared(context);
    }

    private static TestCinder shared(ExtensionContext context) {
        return context.getRoot()
                .getStore(ExtensionContext.Namespace.GLOBAL)
                .computeIfAbsent(KEY, _ -> start(), TestCinder.class);
    }

    private static TestCinder start() {
        try {
            return new TestCinder();
        } catch (Exception e) {
            throw new AssertionError("MariaDB with Cinder's schema does not start", e);
        }
    }
}
