package io.yimen.pool;

import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.model.Field;
import io.yimen.pool.survivorship.Golden;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

class InMemoryPoolTest extends PoolContract {
    @Override
    Pool newPool() {
        return new InMemoryPool(Fixture.MODEL, Fixture.VAULT);
    }

    @Override
    Map<String, Map<String, String>> golden(String type) {
        Derived derived = ((InMemoryPool) pool).derived();
        Map<String, Map<String, String>> all = new TreeMap<>();
        for (Golden golden : derived.goldens()) {
            if (golden.type().name().equals(type)) {
                all.put(golden.anchor().path(), fields(derived, golden));
            }
        }
        return all;
    }

    private static Map<String, String> fields(Derived derived, Golden golden) {
        SortedMap<String, Golden> references = derived.referencesOf(golden);
        Map<String, String> fields = new TreeMap<>();
        for (int i = 0; i < golden.type().fields().size(); i++) {
            Field field = golden.type().fields().get(i);
            String value = golden.value(i);
            if (value != null && !field.isReference()) {
                fields.put(field.name(), field.isSensitive() ? Fixture.VAULT.open(value) : value);
            }
        }
        references.forEach((field, target) -> fields.put(field, target.anchor().path()));
        return fields;
    }

    @Override
    List<String> flags(String type, String anchor, String field) {
        String[] path = anchor.split("/", 3);
        Golden golden = ((InMemoryPool) pool)
                .derived()
                .findOf(new RecordRef(new StreamId(path[0], path[1]), path[2]))
                .orElseThrow();
        return golden.flags(golden.type().findIndex(field).orElseThrow());
    }
}
