package io.yimen.pool;

import java.util.List;

class InMemoryQuarantineTest extends QuarantineContract {
    @Override
    Pool newPool() {
        return new InMemoryPool(Fixture.MODEL, Fixture.VAULT);
    }

    @Override
    List<String> quarantine() {
        return ((InMemoryPool) pool).quarantine();
    }
}
