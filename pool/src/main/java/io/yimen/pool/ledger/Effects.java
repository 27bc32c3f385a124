package io.yimen.pool.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.quarantine.Effect;
import io.yimen.pool.seal.Vault;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a stretch of the change log did to each entity, as it may be shown. */
public final class Effects {
    private final PoolModel model;
    private final Rendering rendering;

    public Effects(PoolModel model, Vault vault) {
        this.model = model;
        this.rendering = new Rendering(model, vault);
    }

    private record Row(
            String operation,
            long id,
            EntityType type,
            String title,
            @Nullable Long redirectTo,
            JsonNode before,
            JsonNode now) {}

    /**
     * The effects of the changes after {@code seq}, within the caller's transaction; it may see everything.
     *
     * @param most how many at most
     */
    public List<Effect> after(Connection connection, long seq, int most) throws SQLException {
        var rows = new ArrayList<Row>();
        try (var select = connection.prepareStatement("""
                select c.op, c.entity_id, c.entity_type, c.title, c.redirect_to, c.fields,
                       (select b.fields from pool.change b
                         where b.entity_id = c.entity_id and b.seq < c.seq order by b.seq desc limit 1)
                  from pool.change c
                 where c.seq > ?
                 order by c.seq
                 limit ?""")) {
            select.setLong(1, seq);
            select.setInt(2, most);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    rows.add(new Row(
                            row.getString(1),
                            row.getLong(2),
                            model.getType(row.getString(3)),
                            row.getString(4),
                            row.getObject(5, Long.class),
                            Rendering.parse(row.getString(7)),
                            Rendering.parse(row.getString(6))));
                }
            }
        }
        var referred = new LinkedHashSet<Long>();
        for (Row row : rows) {
            referred.addAll(rendering.referencesIn(row.type(), row.before()));
            referred.addAll(rendering.referencesIn(row.type(), row.now()));
        }
        Map<Long, Reference> references = rendering.references(connection, referred);
        var effects = new ArrayList<Effect>();
        for (Row row : rows) {
            effects.add(new Effect(
                    row.operation(),
                    row.id(),
                    row.type().name(),
                    row.title(),
                    row.redirectTo(),
                    rendering.differences(row.type(), row.before(), row.now(), references).stream()
                            .map(d -> new Effect.Difference(d.field(), d.from(), d.to(), d.masked()))
                            .toList()));
        }
        return effects;
    }
}
