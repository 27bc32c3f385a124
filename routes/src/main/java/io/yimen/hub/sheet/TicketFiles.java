package io.yimen.hub.sheet;

import io.yimen.hub.config.HubConfig;
import io.yimen.pool.correction.Authority;
import io.yimen.pool.correction.Corrections;
import io.yimen.pool.correction.Policy;
import io.yimen.pool.ledger.Runs;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.SourceOverview;
import io.yimen.pool.model.PoolModel;
import jakarta.inject.Singleton;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDate;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * Writes the tickets that wait into a folder, on every working day, a workbook a system, for its owner to fetch; masked.
 * A file appears whole or not at all, and once: a day that was handed over stays so, wherever its file has gone.
 */
@Singleton
public class TicketFiles {
    private static final Logger LOG = Logger.getLogger(TicketFiles.class);
    private static final Authority ITSELF = new Authority(Scope.everything("yimen"), false, Set.of());

    private final Corrections corrections;
    private final Runs runs;
    private final PoolModel model;
    private final Policy policy;
    private final Optional<Path> folder;

    TicketFiles(Corrections corrections, Runs runs, PoolModel model, Policy policy, HubConfig config) {
        this.corrections = corrections;
        this.runs = runs;
        this.model = model;
        this.policy = policy;
        this.folder = config.corrections().ticketFolder();
    }

    /** Writes what is to be written on a day and is not yet. */
    public void write(LocalDate day) {
        if (folder.isEmpty() || !policy.calendar().isWorked(day)) {
            return;
        }
        for (SourceOverview source : runs.sources(ITSELF.scope().actor())) {
            try {
                write(folder.get(), source.id(), day);
            } catch (IOException | UncheckedIOException e) {
                LOG.warnf("Tickets of %s were not written, they will be in an hour: %s", source.id(), e.getMessage());
            }
        }
    }

    private void write(Path to, String source, LocalDate day) throws IOException {
        if (corrections.isFiled(source, day)) {
            return;
        }
        TicketSheet sheet = new TicketSheet(corrections, model);
        Corrections.TicketPage first = sheet.first(ITSELF, source, null);
        if (first.tickets().isEmpty()) {
            return;
        }
        String name = "tickets-" + source + "-" + day + ".xlsx";
        // Read by whom the folder lets in. One that a killed hub left is written over.
        Path whole = to.resolve("." + name + ".part");
        try {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(whole))) {
                sheet.write(out, ITSELF, source, null, first);
            }
            corrections.file(source, day, () -> move(whole, to.resolve(name)));
        } finally {
            Files.deleteIfExists(whole);
        }
    }

    private static void move(Path whole, Path file) {
        try {
            Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("It cannot be moved into place", e);
        }
    }
}
