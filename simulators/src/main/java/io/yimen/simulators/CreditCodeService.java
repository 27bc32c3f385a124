package io.yimen.simulators;

import java.nio.charset.Charset;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The register of credit codes (村居社会信用代码信息) as a paged service in XML, GB18030: {@code GET
 * /xydm/list?pageNo=1&pageSize=200}. One row for every community and village of the 2023 edition: codes as in {@link
 * CreditCodes}, the legal person whom the election system of the same seed knows as chair; some rows carry the name of
 * 2016. Thread-safe.
 */
public final class CreditCodeService implements RowSystem {
    private static final int OLD_NAME_EVERY = 5;

    private final PagedService service;

    private CreditCodeService(PagedService service) {
        this.service = service;
    }

    /** Starts it on a free port; asks for no key. */
    public static CreditCodeService start(long seed) {
        return start(seed, "");
    }

    /** Starts it on a free port; whoever asks has to send {@code apiKey} unless it is empty. */
    public static CreditCodeService start(long seed, String apiKey) {
        PagedService service = new PagedService(
                new PagedService.Shape("/xydm/list", "pageNo", "pageSize", 500, "tyshxydm", "jgmc"),
                new Xml(),
                rows(seed),
                apiKey);
        service.start();
        return new CreditCodeService(service);
    }

    @Override
    public String connector() {
        return "credit-codes";
    }

    @Override
    public Map<String, String> keys() {
        return LegacySystem.keysOf(connector(), Map.of("base-url", baseUrl(), "interval", "PT30M"));
    }

    public String baseUrl() {
        return service.baseUrl();
    }

    public Faults faults() {
        return service.faults();
    }

    @Override
    public List<Map<String, String>> rows() {
        return service.rows();
    }

    @Override
    public void put(Map<String, String> row) {
        service.put(row);
    }

    @Override
    public void remove(String code) {
        service.remove(code);
    }

    /** Stops answering until {@link #resume}. */
    public void stop() {
        service.stop();
    }

    /** Answers again: at the same address, or at another one where somebody else listens there by now. */
    public void resume() {
        service.start();
    }

    @Override
    public void close() {
        service.close();
    }

    static PagedService.Wording wording() {
        return new Xml();
    }

    /** What the register of a seed holds at its start. */
    public static List<Map<String, String>> rows(long seed) {
        Names names = new Names();
        Map<String, String> before = new HashMap<>();
        Divisions.edition2016().stream().filter(Division::isVillage).forEach(d -> before.put(d.code(), d.name()));
        List<Division> villages =
                Divisions.edition2023().stream().filter(Division::isVillage).toList();
        List<Map<String, String>> rows = new ArrayList<>();
        int renamed = 0;
        for (int i = 0; i < villages.size(); i++) {
            Division village = villages.get(i);
            SplittableRandom random = new SplittableRandom(seed * 17 + i);
            Committee committee = Committee.of(seed, names, village, i);
            String old = before.get(village.code());
            Division named = village;
            if (old != null && !stem(old).equals(stem(village.name())) && renamed++ % OLD_NAME_EVERY == 0) {
                named = village.withName(old);
            }
            String full = Committee.fullName(named);
            LocalDate from = LocalDate.of(2021, 11, 20).plusDays(random.nextInt(60));
            Map<String, String> row = new LinkedHashMap<>();
            row.put("tyshxydm", CreditCodes.of(village, i));
            row.put("jgmc", "北京市" + village.county() + village.town() + full);
            row.put("jglx", CreditCodes.isVillagers(village) ? "54" : "55");
            row.put("xzqhdm", village.code());
            row.put("qxmc", village.county());
            row.put("jzmc", village.town());
            row.put("fddbr", committee.chair().name());
            row.put("dz", "北京市" + village.county() + village.town() + stem(full) + (1 + random.nextInt(60)) + "号");
            row.put("lxdh", "010-1%07d".formatted(random.nextInt(10_000_000)));
            row.put("yxqq", from.toString());
            row.put("yxqz", from.plusYears(5).minusDays(1).toString());
            row.put("zt", random.nextInt(200) == 0 ? "0" : "1");
            rows.add(row);
        }
        return rows;
    }

    private static String stem(String name) {
        return name.replaceAll("(社区)?(居民委员会|居委会)$|(村民委员会|村委会)$|社区(委员会)?$", "");
    }

    private static final class Xml implements PagedService.Wording {
        private static final Charset GB18030 = Charset.forName("GB18030");

        @Override
        public String body(List<Map<String, String>> rows, int total, int page, int size) {
            StringBuilder xml = new StringBuilder(rows.size() * 600 + 300);
            xml.append("<?xml version=\"1.0\" encoding=\"GB18030\"?>\n<response><total>")
                    .append(total)
                    .append("</total><pageNo>")
                    .append(page)
                    .append("</pageNo><pageSize>")
                    .append(size)
                    .append("</pageSize><items>\n");
            for (Map<String, String> row : rows) {
                xml.append("<item>");
                row.forEach((name, value) -> {
                    xml.append('<').append(name).append('>');
                    escape(xml, value);
                    xml.append("</").append(name).append('>');
                });
                xml.append("</item>\n");
            }
            return xml.append("</items></response>\n").toString();
        }

        private static void escape(StringBuilder xml, String value) {
            for (int i = 0; i < value.length(); i++) {
                char c = value.charAt(i);
                switch (c) {
                    case '&' -> xml.append("&amp;");
                    case '<' -> xml.append("&lt;");
                    case '>' -> xml.append("&gt;");
                    default -> xml.append(c);
                }
            }
        }

        @Override
        public Charset charset() {
            return GB18030;
        }

        @Override
        public String contentType() {
            return "application/xml; charset=GB18030";
        }
    }
}
