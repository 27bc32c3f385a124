package io.yimen.pool.internal;

import io.yimen.pool.correction.Corrections;
import io.yimen.pool.erasure.ErasureRules;
import io.yimen.pool.erasure.Preview;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a law says to keep of somebody, by the rules and what refers to it today. */
final class Holds {
    private final Transaction tx;
    private final ErasureRules rules;
    private final LocalDate today;

    Holds(Transaction tx, ErasureRules rules) {
        this.tx = tx;
        this.rules = rules;
        this.today = LocalDate.ofInstant(tx.at(), Corrections.ZONE);
    }

    List<Preview.Kept> of(ErasedSubject subject) throws SQLException {
        List<Preview.Kept> kept = new ArrayList<>();
        for (ErasureRules.Hold hold : rules.holds()) {
            if (hold.type().equals(subject.type.name()) && hold.isInForce(today)) {
                List<String> because = because(hold, subject);
                if (!because.isEmpty()) {
                    kept.add(new Preview.Kept(hold.code(), hold.law(), hold.reason(), because));
                }
            }
        }
        return kept;
    }

    private List<String> because(ErasureRules.Hold hold, ErasedSubject subject) throws SQLException {
        ErasureRules.Referrer referrer = hold.referrer();
        if (referrer != null) {
            return referring(referrer, subject);
        }
        boolean tickets = hold.open() == ErasureRules.Open.TICKET;
        return subject.corrections.stream()
                .filter(ErasedSubject.Correction::isAbout)
                .filter(c -> tickets ? c.tickets() > 0 : c.isOpen())
                .map(c -> "correction/" + c.id())
                .toList();
    }

    private List<String> referring(ErasureRules.Referrer referrer, ErasedSubject subject) throws SQLException {
        String dated = referrer.through() == null ? "e" : "d";
        StringBuilder sql = new StringBuilder("select e.id, " + dated + ".fields ->> ? from pool.reference r")
                .append(" join pool.entity e on e.id = r.entity_id and e.entity_type = ? and e.status = 'ACTIVE'");
        List<Sql.Parameter> parameters = new ArrayList<>();
        parameters.add(Sql.text(referrer.date()));
        parameters.add(Sql.text(referrer.type()));
        if (referrer.through() != null) {
            sql.append(" left join pool.entity d on d.id = (e.fields ->> ?)::bigint");
            parameters.add(Sql.text(referrer.through()));
        }
        sql.append(" where r.to_entity = any (?) and r.field = ?");
        parameters.add(Sql.ids(subject.ids));
        parameters.add(Sql.text(referrer.field()));
        referrer.where().forEach((field, values) -> {
            sql.append(" and e.fields ->> ? = any (?)");
            Sql.Texts texts = new Sql.Texts();
            values.forEach(texts::add);
            parameters.add(Sql.text(field));
            parameters.add(texts);
        });
        List<String> because = new ArrayList<>();
        tx.ask(
                sql.append(" order by e.id").toString(),
                row -> {
                    if (referrer.date() == null || isKept(row.getString(2), referrer.years())) {
                        because.add(referrer.type() + "/" + row.getLong(1));
                    }
                },
                parameters.toArray(new Sql.Parameter[0]));
        return because;
    }

    /** Without a date that can be read nobody knows that the time is over. */
    private boolean isKept(@Nullable String date, int years) {
        try {
            return date == null
                    || date.length() < 10
                    || !LocalDate.parse(date.substring(0, 10)).plusYears(years).isBefore(today);
        } catch (DateTimeException e) {
            return true;
        }
    }
}
