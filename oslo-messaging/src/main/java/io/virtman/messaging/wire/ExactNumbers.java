package io.virtman.messaging.wire;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ValueNode;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * Numbers as they were written: integers of any size, decimals with all their digits. Only a number
 * that no Python can have, {@code 1e999999999}, becomes what Python reads it as, infinity or zero,
 * because adding to it would need as many digits.
 */
final class ExactNumbers extends JsonNodeFactory {
    private static final long serialVersionUID = 1;

    /** A double reaches from 1e-324 to 1e308, and has up to {@link Json#DIGITS} digits here. */
    private static final int SCALE = Json.DIGITS + 400;

    @Override
    public ValueNode numberNode(@Nullable BigDecimal value) {
        if (value != null && Math.abs((long) value.scale()) > SCALE) {
            return numberNode(value.doubleValue());
        }
        return super.numberNode(value);
    }
}
