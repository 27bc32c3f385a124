package io.yimen.hub.quality;

import static io.yimen.hub.ledger.Wire.at;

import io.yimen.api.QualityApi;
import io.yimen.api.model.FieldQuality;
import io.yimen.api.model.PlaceQuality;
import io.yimen.api.model.SaidQuality;
import io.yimen.api.model.StreamQuality;
import io.yimen.hub.access.Caller;
import io.yimen.hub.ledger.Wire;
import io.yimen.pool.ledger.Quality;
import io.yimen.pool.ledger.QualityReport;
import io.yimen.pool.model.PoolModel;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import org.jspecify.annotations.Nullable;

/** How complete, right and fresh a ledger is. */
@ApplicationScoped
@RolesAllowed({"worker", "officer", "admin"})
public class QualityResource implements QualityApi {
    private final Quality quality;
    private final Caller caller;
    private final Wire ledgers;

    QualityResource(Quality quality, Caller caller, PoolModel model) {
        this.quality = quality;
        this.caller = caller;
        this.ledgers = new Wire(model);
    }

    @Override
    public io.yimen.api.model.Quality getQuality(String ledger, @Nullable String place) {
        QualityReport report =
                quality.of(caller.scope(), ledgers.typeOf(ledger), place == null ? null : Long.valueOf(place));
        return new io.yimen.api.model.Quality()
                .ledger(ledger)
                .place(ledgers.from(report.place()))
                .at(at(report.at()))
                .records(report.records())
                .fields(report.filled().entrySet().stream()
                        .map(f -> new FieldQuality().field(f.getKey()).filled(f.getValue()))
                        .toList())
                .sources(report.streams().stream().map(QualityResource::from).toList())
                .places(report.places().stream().map(this::from).toList());
    }

    private static StreamQuality from(QualityReport.OfStream stream) {
        return new StreamQuality()
                .source(stream.source()).title(stream.title()).stream(stream.stream())
                        .records(stream.records())
                        .lastSaidAt(at(stream.lastSaidAt()))
                        .medianSaidAt(at(stream.medianSaidAt()))
                        .oldestSaidAt(at(stream.oldestSaidAt()))
                        .fields(stream.fields().entrySet().stream()
                                .map(f -> new SaidQuality()
                                        .field(f.getKey())
                                        .said(f.getValue().said())
                                        .differing(f.getValue().differing())
                                        .corrected(f.getValue().corrected()))
                                .toList());
    }

    private PlaceQuality from(QualityReport.OfPlace place) {
        return new PlaceQuality()
                .place(ledgers.from(place.place()))
                .records(place.records())
                .filled(place.filled())
                .said(place.said().said())
                .differing(place.said().differing())
                .corrected(place.said().corrected());
    }
}
