package io.yimen.hub.command;

import io.yimen.pool.PoolException;
import io.yimen.pool.PostgresPool;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.steward.Decision;
import io.yimen.pool.steward.Stewardship;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * {@code decisions list}: what stewards decided. Works on the pool's database and leaves an audit line. Exit codes: 0
 * done, 1 it cannot be done, 2 the command was not understood.
 */
final class DecisionsCommand {
    private static final String USAGE = """
            usage: decisions list [--entity ID] [--limit N]    what stewards decided, latest first; 50 unless told""";
    private static final int PAGE = 200;

    private DecisionsCommand() {}

    static int run(List<String> args, UnaryOperator<String> settings, PrintStream out, PrintStream err) {
        Long entity = null;
        long limit = 50;
        boolean understood = !args.isEmpty() && args.get(0).equals("list") && args.size() % 2 == 1;
        for (int i = 1; understood && i + 1 < args.size(); i += 2) {
            String value = args.get(i + 1);
            understood = value.matches("[0-9]{1,18}");
            if (understood && args.get(i).equals("--entity")) {
                entity = Long.valueOf(value);
            } else if (understood && args.get(i).equals("--limit")) {
                limit = Long.parseLong(value);
            } else {
                understood = false;
            }
        }
        if (!understood) {
            err.println(USAGE);
            return 2;
        }
        PoolModel model = PoolModel.standard();
        try (PostgresPool pool = OpenPool.of(settings, model)) {
            list(pool.stewardship(OpenPool.reads(settings, model)), model, entity, limit, out);
            return 0;
        } catch (PoolException e) {
            err.println("yimen: " + e.getMessage());
            return 1;
        }
    }

    private static void list(
            Stewardship stewardship, PoolModel model, @Nullable Long entity, long limit, PrintStream out) {
        Scope scope = Scope.everything(AccountCommand.actor());
        String after = null;
        long left = limit;
        while (left > 0) {
            Stewardship.DecisionPage page = stewardship.decisions(scope, entity, after, (int) Math.min(left, PAGE));
            page.decisions().forEach(decision -> out.println(line(decision, model)));
            left -= page.decisions().size();
            after = page.next();
            if (after == null) {
                return;
            }
        }
    }

    private static String line(Decision decision, PoolModel model) {
        Decision.Withdrawal withdrawn = decision.withdrawn();
        return String.format(
                "%6d  %s  %-13s %-14s %3d records  %s  %s%s",
                decision.id(),
                decision.at(),
                decision.action().name().toLowerCase(Locale.ROOT),
                model.getType(decision.entityType()).ledger(),
                decision.same().size()
                        + decision.left().size()
                        + decision.right().size(),
                decision.actor(),
                decision.reason(),
                withdrawn == null ? "" : "  (withdrawn by " + withdrawn.actor() + ": " + withdrawn.reason() + ")");
    }
}
