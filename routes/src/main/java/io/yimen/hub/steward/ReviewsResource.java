package io.yimen.hub.steward;

import io.yimen.api.ReviewsApi;
import io.yimen.api.model.ReviewDetail;
import io.yimen.api.model.ReviewKind;
import io.yimen.api.model.ReviewPage;
import io.yimen.hub.access.Caller;
import io.yimen.hub.http.ProblemException;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.steward.Review;
import io.yimen.pool.steward.Stewardship;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Pairs that wait for a steward, as far as the caller may see both. */
@ApplicationScoped
@RolesAllowed({"officer", "admin"})
public class ReviewsResource implements ReviewsApi {
    private static final Map<String, Stewardship.Order> ORDERS =
            Map.of("weight", Stewardship.Order.WEIGHT, "effect", Stewardship.Order.EFFECT);

    private final PoolModel model;
    private final Stewardship stewardship;
    private final Caller caller;
    private final Wire wire;

    ReviewsResource(PoolModel model, Stewardship stewardship, Caller caller) {
        this.model = model;
        this.stewardship = stewardship;
        this.caller = caller;
        this.wire = new Wire(model);
    }

    @Override
    public ReviewPage listReviews(
            @Nullable String ledger, @Nullable ReviewKind kind, String order, @Nullable String cursor, Integer limit) {
        Stewardship.Order by = ORDERS.get(order);
        if (by == null) {
            throw ProblemException.invalid("order", "is neither weight nor effect");
        }
        return wire.from(stewardship.reviews(
                caller.scope(),
                new Stewardship.ReviewQuery(
                        ledger == null ? null : type(ledger),
                        kind == null ? null : Review.Kind.valueOf(kind.name()),
                        by,
                        cursor,
                        limit)));
    }

    @Override
    public ReviewDetail getReview(String left, String right) {
        return wire.from(stewardship.review(caller.scope(), Long.parseLong(left), Long.parseLong(right)));
    }

    private String type(String ledger) {
        return model.findLedger(ledger)
                .map(EntityType::name)
                .orElseThrow(() -> ProblemException.invalid("ledger", "names no ledger"));
    }
}
