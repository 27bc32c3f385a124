package io.yimen.connectors.extract;

import io.yimen.connectors.mapping.Columns;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which changes of the log the copies of tables show. A copy that was made in parts shows a change or not by the part
 * that its record belongs to; what it shows must not be applied again, or it would set a record back for a while.
 */
final class CopiedTables implements CaptureReader.Copied {
    private final CopyProgress progress;
    private final Map<String, KeyOrder> orders;
    private final boolean holding;

    /** @param holding whether the log is to be read once more from where it stands */
    CopiedTables(CopyProgress progress, Map<String, KeyOrder> orders, boolean holding) {
        this.progress = progress;
        this.orders = orders;
        this.holding = holding;
    }

    @Override
    public boolean shows(String table, Columns columns, @Nullable String[] key, long transaction) {
        if (progress.waiting().contains(table)) {
            return true;
        }
        KeyOrder order = Objects.requireNonNull(orders.get(table));
        List<String> values = new ArrayList<>();
        for (String column : order.columns()) {
            values.add(Objects.requireNonNull(key[columns.indexOf(column)]));
        }
        return progress.findHorizon(table, values, order)
                .map(horizon -> horizon.shows(transaction))
                .orElse(false);
    }

    @Override
    public boolean isHolding() {
        return holding;
    }
}
