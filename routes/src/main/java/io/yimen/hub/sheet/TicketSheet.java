package io.yimen.hub.sheet;

import io.yimen.api.model.TicketAnswerFault;
import io.yimen.api.model.TicketAnswers;
import io.yimen.connectors.sheet.Cell;
import io.yimen.connectors.sheet.SheetReader;
import io.yimen.connectors.sheet.WorkbookFault;
import io.yimen.pool.PoolException;
import io.yimen.pool.correction.Authority;
import io.yimen.pool.correction.Corrections;
import io.yimen.pool.correction.Ticket;
import io.yimen.pool.correction.TicketState;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Field;
import io.yimen.pool.model.PoolModel;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tickets that wait as a sheet, and the answers that come back in it. */
final class TicketSheet {
    static final int MOST_ROWS = 5_000;

    private static final int PAGE = 200;
    private static final String HEAD = "yimen/tickets";
    private static final String TICKET_TITLE = "通知编号";
    private static final String ACCEPTED = "接受";
    private static final String REFUSED = "拒绝";
    private static final Set<TicketState> OPEN =
            EnumSet.of(TicketState.SENT, TicketState.ACCEPTED, TicketState.ESCALATED);
    private static final Map<TicketState, String> STATES =
            Map.of(TicketState.SENT, "待答复", TicketState.ACCEPTED, "将改正", TicketState.ESCALATED, "已超期");
    private static final List<SheetWriter.Column> COLUMNS = List.of(
            new SheetWriter.Column(HEAD, TICKET_TITLE, 10, false),
            new SheetWriter.Column("source", "系统", 14, false),
            new SheetWriter.Column("record", "系统中的记录", 26, false),
            new SheetWriter.Column("title", "名称", 18, false),
            new SheetWriter.Column("field", "字段", 14, false),
            new SheetWriter.Column("says", "系统写的是", 26, false),
            new SheetWriter.Column("right", "应当是", 26, false),
            new SheetWriter.Column("due", "答复期限", 12, false),
            new SheetWriter.Column("state", "状态", 10, false),
            new SheetWriter.Column("answer", "答复（接受 或 拒绝）", 16, true),
            new SheetWriter.Column("reason", "说明（拒绝必填）", 36, true));
    private static final List<String> EXPLANATION = List.of(
            "怎样答复",
            "1. 在“答复”一列写“接受”（将在系统中改正）或“拒绝”；拒绝的，在“说明”里写明理由。",
            "2. 空着的行不算答复，以后还可以再答。",
            "3. 隐去的内容，到“通知来源”页面写明用途后可以下载带完整内容的表。",
            "4. 存盘后在“通知来源”页面上传。同一张表可以重复上传，已经答过的不会再答一次。",
            "",
            "Write 接受 (will be put right) or 拒绝 (refused, with the reason) into the answer column, save, and upload the"
                    + " sheet on the tickets page.");

    private final Corrections corrections;
    private final PoolModel model;

    TicketSheet(Corrections corrections, PoolModel model) {
        this.corrections = corrections;
        this.model = model;
    }

    /** The first tickets that wait. */
    Corrections.TicketPage first(Authority by, @Nullable String source, @Nullable String purpose) {
        return page(by, source, purpose, null);
    }

    private Corrections.TicketPage page(
            Authority by, @Nullable String source, @Nullable String purpose, @Nullable String after) {
        var query = new Corrections.TicketQuery(OPEN, source, after, PAGE);
        return purpose == null ? corrections.tickets(by, query) : corrections.tickets(by, query, purpose);
    }

    /** Writes all tickets that wait. */
    void write(
            OutputStream out,
            Authority by,
            @Nullable String source,
            @Nullable String purpose,
            Corrections.TicketPage first)
            throws IOException {
        try (var to = new SheetWriter(out, "通知来源", COLUMNS)) {
            Corrections.TicketPage page = first;
            while (page != null) {
                for (Ticket ticket : page.tickets()) {
                    to.row(line(ticket));
                }
                page = page.next() == null ? null : page(by, source, purpose, page.next());
            }
            to.explain("怎样答复", EXPLANATION);
        }
    }

    private List<String> line(Ticket ticket) {
        EntityType type = model.getType(ticket.entityType());
        Field field = type.getField(ticket.field());
        return List.of(
                Long.toString(ticket.id()),
                ticket.record().stream().source(),
                ticket.record().stream().stream() + "/" + ticket.record().key(),
                ticket.title(),
                field.label().zh(),
                words(field, ticket.says()),
                words(field, ticket.right()),
                ticket.due().toString(),
                STATES.getOrDefault(ticket.state(), ""),
                "",
                "");
    }

    private static String words(Field field, @Nullable String value) {
        return value == null ? "（无）" : field.values().getOrDefault(value, value);
    }

    /**
     * Answers what is filled in, row by row.
     *
     * @throws WorkbookFault if it is no sheet of tickets
     */
    TicketAnswers answer(Authority by, SheetReader reader) {
        SheetReader.Row head = reader.next();
        Map<String, Integer> columns = new HashMap<>();
        if (head != null) {
            for (int i = 0; i < head.cells().size(); i++) {
                columns.put(head.text(i), i);
            }
        }
        Integer answer = columns.get("answer");
        Integer reason = columns.get("reason");
        Integer ticket = columns.get(HEAD);
        if (answer == null || reason == null || ticket == null) {
            throw new WorkbookFault(
                    "The first row is not that of a workbook of tickets: get one from the tickets page and"
                            + " leave its hidden row alone");
        }
        int answered = 0;
        int unchanged = 0;
        List<TicketAnswerFault> faults = new ArrayList<>();
        for (SheetReader.Row row = reader.next(); row != null; row = reader.next()) {
            if (row.text(ticket).equals(TICKET_TITLE)) {
                continue;
            }
            String said = row.text(answer).strip();
            String fault = null;
            if (said.isEmpty()) {
                unchanged++;
            } else if (row.cell(answer).kind() != Cell.Kind.TEXT
                    || row.cell(reason).kind() != Cell.Kind.TEXT) {
                fault = Cell.name(answer, row.number()) + " or " + Cell.name(reason, row.number())
                        + " holds no text: type it as text";
            } else if (!said.equals(ACCEPTED) && !said.equals(REFUSED)) {
                fault = Cell.name(answer, row.number()) + " is neither " + ACCEPTED + " nor " + REFUSED;
            } else if (!row.text(ticket).matches("[0-9]{1,18}")) {
                fault = "There is no such ticket";
            } else {
                try {
                    boolean news =
                            answer(by, Long.parseLong(row.text(ticket)), said.equals(ACCEPTED), row.text(reason));
                    answered += news ? 1 : 0;
                    unchanged += news ? 0 : 1;
                } catch (PoolException e) {
                    if (e.kind() == PoolException.Kind.RETRY) {
                        throw e;
                    }
                    fault = String.valueOf(e.getMessage());
                }
            }
            if (fault != null) {
                faults.add(new TicketAnswerFault().number(row.number()).message(fault));
            }
        }
        return new TicketAnswers().answered(answered).unchanged(unchanged).faults(faults);
    }

    /** @return whether it was not answered so before */
    private boolean answer(Authority by, long id, boolean accepted, String reason) {
        Ticket now = corrections.ticket(by, id);
        TicketState wanted = accepted ? TicketState.ACCEPTED : TicketState.REFUSED;
        String given = reason.strip();
        if (now.state() == wanted
                && Objects.requireNonNullElse(now.answer(), "").equals(given)) {
            return false;
        }
        corrections.answer(by, id, accepted, given.isEmpty() ? null : given);
        return true;
    }
}
