package io.yimen.hub.command;

import io.yimen.pool.PoolException;
import io.yimen.pool.PostgresPool;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.steward.Effect;
import io.yimen.pool.steward.RuleBook;
import io.yimen.pool.steward.RuleBook.Change;
import io.yimen.pool.steward.RuleBook.Kind;
import io.yimen.pool.steward.RuleBook.Version;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * {@code rules list|show|preview|apply|learn}: the rules by which records are recognised and values survive. Works on
 * the pool's database, beside a running hub or without one. Exit codes: 0 done, 1 it cannot be done, 2 the command was
 * not understood.
 */
final class RulesCommand {
    private static final String USAGE = """
            usage: rules list                                         the versions there are
                   rules show LEDGER [--version N]                    the document, that in force unless told otherwise
                   rules preview LEDGER [--file FILE] [--learn]       what a change would do; changes nothing
                   rules apply LEDGER --file FILE [--learn] --note WHY
                   rules learn LEDGER --note WHY                      weights anew from the records of the pool
            LEDGER is persons, organizations, places …; --kind survivorship means the rules of values instead of those
            of matching. --based-on N refuses where another version than N is in force by then.""";
    private static final Set<String> VALUES = Set.of("--kind", "--version", "--file", "--note", "--based-on");
    private static final int SHOWN = 20;

    private final RuleBook rules;
    private final PoolModel model;
    private final PrintStream out;
    private final PrintStream err;

    /** The words of one call. */
    private record Words(String verb, @Nullable String ledger, Map<String, String> options, boolean learn) {}

    private RulesCommand(RuleBook rules, PoolModel model, PrintStream out, PrintStream err) {
        this.rules = rules;
        this.model = model;
        this.out = out;
        this.err = err;
    }

    /** On the pool that the settings name. */
    static int run(List<String> args, UnaryOperator<String> settings, PrintStream out, PrintStream err) {
        Words words = read(args);
        if (words == null) {
            err.println(USAGE);
            return 2;
        }
        PoolModel model = PoolModel.standard();
        try (PostgresPool pool = OpenPool.of(settings, model)) {
            new RulesCommand(pool.ruleBook(), model, out, err).run(words);
            return 0;
        } catch (PoolException e) {
            err.println(
                    "yimen: " + e.getMessage() + e.remedy().map(r -> ". " + r).orElse(""));
            return 1;
        } catch (IllegalArgumentException e) {
            err.println("yimen: " + e.getMessage());
            return 1;
        } catch (NoSuchFileException e) {
            err.println("yimen: there is no file " + e.getFile());
            return 1;
        } catch (IOException e) {
            err.println("yimen: " + words.options().get("--file") + " cannot be read as text in UTF-8");
            return 1;
        }
    }

    private static @Nullable Words read(List<String> args) {
        Map<String, String> options = new HashMap<>();
        String verb = args.isEmpty() ? "" : args.get(0);
        String ledger = null;
        boolean learn = verb.equals("learn");
        for (int i = 1; i < args.size(); i++) {
            String arg = args.get(i);
            if (arg.equals("--learn")) {
                learn = true;
            } else if (VALUES.contains(arg) && i + 1 < args.size()) {
                options.put(arg, args.get(++i));
            } else if (ledger == null && !arg.startsWith("-")) {
                ledger = arg;
            } else {
                return null;
            }
        }
        Set<String> known = switch (verb) {
            case "list" -> Set.of();
            case "show" -> Set.of("--kind", "--version");
            case "preview" -> Set.of("--kind", "--file", "--based-on");
            case "apply" -> Set.of("--kind", "--file", "--based-on", "--note");
            case "learn" -> Set.of("--based-on", "--note");
            default -> Set.of("");
        };
        boolean complete = known.containsAll(options.keySet())
                && verb.equals("list") == (ledger == null)
                && (!Set.of("apply", "learn").contains(verb) || options.containsKey("--note"))
                && (!verb.equals("apply") || options.containsKey("--file"))
                && (!verb.equals("preview") || learn || options.containsKey("--file"));
        return complete && !known.contains("") ? new Words(verb, ledger, options, learn) : null;
    }

    private void run(Words words) throws IOException {
        switch (words.verb()) {
            case "list" -> list();
            case "show" -> out.print(find(words).document());
            case "preview" -> show(rules.preview(change(words)));
            default -> apply(words);
        }
    }

    private void list() {
        for (Version version : rules.versions()) {
            out.printf(
                    "%s %-14s %-12s %4d  %-8s %s  %s  %s%n",
                    version.inForce() ? "*" : " ",
                    ledger(version.entityType()),
                    version.kind().name().toLowerCase(Locale.ROOT),
                    version.version(),
                    version.learned(),
                    version.at(),
                    version.actor(),
                    version.note());
        }
    }

    private void apply(Words words) throws IOException {
        Change change = change(words);
        show(rules.preview(change));
        Version version =
                rules.apply(change, AccountCommand.actor(), words.options().getOrDefault("--note", ""));
        out.println("version " + version.version() + " of " + ledger(version.entityType()) + " is in force");
    }

    /** Ids and counts; names stay where they are. */
    private void show(RuleBook.Preview preview) {
        out.printf("source records  %,d%n", preview.records());
        out.printf("entities        %,d%n", preview.entities());
        out.printf("would merge     %,d%n", preview.merged());
        out.printf("would split     %,d%n", preview.split());
        out.printf("other values    %,d%n", preview.changed());
        out.printf("pairs waiting   %,d, would be %,d%n", preview.possibleBefore(), preview.possibleAfter());
        preview.samples().stream().limit(SHOWN).map(this::line).forEach(out::println);
    }

    private String line(Effect.Outcome outcome) {
        String id = ledger(outcome.entityType()) + "/" + (outcome.id() == 0 ? "new" : outcome.id());
        String fields = String.join(
                ", ", outcome.values().stream().map(Effect.ValueChange::field).toList());
        return String.format(
                "  %-8s %-24s records %d -> %d%s%s",
                outcome.fate().name().toLowerCase(Locale.ROOT),
                outcome.into() == null ? id : id + " -> " + outcome.into(),
                outcome.recordsBefore(),
                outcome.recordsAfter(),
                fields.isEmpty() ? "" : "  ",
                fields);
    }

    private Change change(Words words) throws IOException {
        String file = words.options().get("--file");
        String document = file == null ? null : Files.readString(Path.of(file));
        String basedOn = words.options().get("--based-on");
        Kind kind = kind(words);
        String type = type(words);
        int version = basedOn == null ? find(kind, type, 0).version() : Integer.parseInt(basedOn);
        return new Change(kind, type, version, document, words.learn());
    }

    private Version find(Words words) {
        return find(kind(words), type(words), Integer.parseInt(words.options().getOrDefault("--version", "0")));
    }

    /** @param number 0 for the one in force */
    private Version find(Kind kind, String type, int number) {
        return rules.versions().stream()
                .filter(version ->
                        version.kind() == kind && version.entityType().equals(type))
                .filter(version -> number == 0 ? version.inForce() : version.version() == number)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "there are no such rules of " + ledger(type) + ": see rules list"));
    }

    private static Kind kind(Words words) {
        String name = words.options().getOrDefault("--kind", "match");
        return switch (name) {
            case "match" -> Kind.MATCH;
            case "survivorship" -> Kind.SURVIVORSHIP;
            default -> throw new IllegalArgumentException("--kind is match or survivorship");
        };
    }

    private String type(Words words) {
        String name = String.valueOf(words.ledger());
        return model.findLedger(name)
                .map(EntityType::name)
                .orElseThrow(() -> new IllegalArgumentException("there is no ledger " + name));
    }

    private String ledger(String type) {
        return model.getType(type).ledger();
    }
}
