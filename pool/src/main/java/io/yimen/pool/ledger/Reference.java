package io.yimen.pool.ledger;

/**
 * An entity as another record shows it.
 *
 * @param id entity id
 * @param entityType its type, as the model names it
 * @param title what a person calls it
 */
public record Reference(long id, String entityType, String title) {
    @Override
    public String toString() {
        return entityType + "/" + id;
    }
}
