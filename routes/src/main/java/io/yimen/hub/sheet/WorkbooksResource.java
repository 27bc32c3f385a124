package io.yimen.hub.sheet;

import io.smallrye.common.annotation.Blocking;
import io.yimen.api.model.TicketAnswers;
import io.yimen.api.model.TicketWorkbookRequest;
import io.yimen.api.model.Upload;
import io.yimen.connectors.sheet.SheetReader;
import io.yimen.connectors.sheet.WorkbookFault;
import io.yimen.hub.access.Caller;
import io.yimen.hub.http.ProblemException;
import io.yimen.hub.sheet.CorrectionSheet.Template;
import io.yimen.pool.correction.Authority;
import io.yimen.pool.correction.Corrections;
import io.yimen.pool.correction.UploadRow;
import io.yimen.pool.correction.Uploads;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.PoolModel;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.time.Clock;
import java.time.LocalDate;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jspecify.annotations.Nullable;

/**
 * Workbooks to fill in, and what is uploaded of them. By hand, not by the contract's interfaces: those would hold a file
 * as a whole where this one streams.
 */
@ApplicationScoped
@Path("/")
@Blocking
@RolesAllowed({"worker", "officer", "admin"})
public class WorkbooksResource {
    private static final int LINES = 500;
    private static final Set<UploadRow.State> NOT_APPLIED = EnumSet.complementOf(EnumSet.of(UploadRow.State.APPLIED));

    private final Uploads uploads;
    private final Corrections corrections;
    private final UploadWork work;
    private final Caller caller;
    private final PoolModel model;
    private final Clock clock;
    private final Wire wire;

    WorkbooksResource(
            Uploads uploads, Corrections corrections, UploadWork work, Caller caller, PoolModel model, Clock clock) {
        this.uploads = uploads;
        this.corrections = corrections;
        this.work = work;
        this.caller = caller;
        this.model = model;
        this.clock = clock;
        this.wire = new Wire(model, clock);
    }

    @GET
    @Path("/ledgers/{ledger}/template")
    @Produces({Workbooks.XLSX, MediaType.APPLICATION_JSON})
    public Response downloadTemplate(@PathParam("ledger") String ledger, @QueryParam("place") @Nullable String place) {
        EntityType type =
                model.findLedger(ledger).orElseThrow(() -> ProblemException.notFound("There is no such ledger"));
        Long within = place == null ? null : number("place", place);
        Scope scope = caller.scope();
        // The first lines before the answer begins: what fails until then is told.
        List<Uploads.Line> first = uploads.template(scope, type.name(), within, null, LINES);
        Template template = new Template(type, Uploads.columns(type));
        String name = type.label().zh() + "-" + today() + ".xlsx";
        return Workbooks.send(name, out -> {
            try (var to = new SheetWriter(out, type.label().zh(), template.columns(false))) {
                CorrectionSheet.write(
                        to, last -> last == null ? first : uploads.template(scope, type.name(), within, last, LINES));
                to.explain("填表说明", template.explanation());
            }
        });
    }

    @POST
    @Path("/correction-uploads")
    @Consumes(MediaType.WILDCARD)
    @Produces(MediaType.APPLICATION_JSON)
    @ResponseStatus(202)
    public Upload uploadCorrections(@QueryParam("name") @Nullable String name, InputStream body) {
        return wire.from(work.receive(caller.scope(), body, name == null ? "" : name));
    }

    @GET
    @Path("/correction-uploads/{id}/workbook")
    @Produces({Workbooks.XLSX, MediaType.APPLICATION_JSON})
    public Response downloadUpload(@PathParam("id") String id) {
        Scope scope = caller.scope();
        long upload = number("id", id);
        io.yimen.pool.correction.Upload found = uploads.find(scope, upload);
        EntityType type = model.getType(found.entityType());
        Template template = new Template(type, uploads.fieldsOf(scope, upload));
        Uploads.RowPage first = uploads.rows(scope, upload, NOT_APPLIED, null, LINES);
        return Workbooks.send(type.label().zh() + "-待改正.xlsx", out -> {
            try (var to = new SheetWriter(out, type.label().zh(), template.columns(true))) {
                Uploads.RowPage page = first;
                while (page != null) {
                    for (UploadRow row : page.rows()) {
                        to.row(template.mended(row));
                    }
                    page = page.next() == null ? null : uploads.rows(scope, upload, NOT_APPLIED, page.next(), LINES);
                }
                to.explain("填表说明", template.explanation());
            }
        });
    }

    @POST
    @Path("/tickets/workbook")
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces({Workbooks.XLSX, MediaType.APPLICATION_JSON})
    public Response downloadTickets(@NotNull @Valid TicketWorkbookRequest request) {
        Authority by = caller.authority();
        TicketSheet sheet = new TicketSheet(corrections, model);
        Corrections.TicketPage first = sheet.first(by, request.getSource(), request.getPurpose());
        return Workbooks.send(
                "通知来源-" + today() + ".xlsx",
                out -> sheet.write(out, by, request.getSource(), request.getPurpose(), first));
    }

    @POST
    @Path("/ticket-answers")
    @Consumes(MediaType.WILDCARD)
    @Produces(MediaType.APPLICATION_JSON)
    public TicketAnswers uploadTicketAnswers(InputStream body) {
        try (SheetReader reader = Workbooks.receive(body, TicketSheet.MOST_ROWS + 2)) {
            return new TicketSheet(corrections, model).answer(caller.authority(), reader);
        } catch (WorkbookFault e) {
            throw Workbooks.refused(e);
        }
    }

    private LocalDate today() {
        return LocalDate.ofInstant(clock.instant(), Corrections.ZONE);
    }

    private static long number(String parameter, String id) {
        if (!id.matches("[0-9]{1,18}")) {
            throw ProblemException.invalid(parameter, "is no id");
        }
        return Long.parseLong(id);
    }
}
