package io.yimen.simulators;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The communities' web site (社区网) as a service: {@code GET /api/articles?page=1&size=100&updatedSince=…}. Notices,
 * events and covenants with bodies in HTML as editors paste them. Thread-safe.
 */
public final class CommunityWeb implements RowSystem {
    private static final String[] NOTICES = {"停水", "停电", "电梯检修", "疫苗接种", "垃圾分类", "居民医保缴费", "消防演练", "物业费收缴"};
    private static final String[] EVENTS = {"重阳节慰问", "亲子读书会", "元宵猜灯谜", "义诊进社区", "法律讲座", "清洁日行动", "合唱团演出"};

    private final long seed;
    private final List<Division> communities;
    private final JsonRecords records;
    private final Life life = new Life("web-life", this::step);
    private int steps;

    private CommunityWeb(long seed, int communities, Clock clock) {
        this.seed = seed;
        this.communities = ElectionSystem.committees(seed, communities, new Names()).stream()
                .map(Committee::village)
                .toList();
        this.records = new JsonRecords("/api/articles", "", clock, CommunityWeb::answer);
    }

    /** Starts it on a free port, with the articles of so many communities. */
    public static CommunityWeb start(long seed, int communities) {
        return start(seed, communities, Clock.systemUTC());
    }

    /** As {@link #start(long, int)}, with this clock. */
    public static CommunityWeb start(long seed, int communities, Clock clock) {
        CommunityWeb web = new CommunityWeb(seed, communities, clock);
        web.fill();
        web.records.start();
        return web;
    }

    private static JsonNode answer(HttpExchange exchange, List<ObjectNode> all) {
        int page = LoopbackHttp.number(exchange, "page", 1);
        int size = LoopbackHttp.number(exchange, "size", 20);
        if (page < 1 || size < 1) {
            throw new SimulatorException("no page");
        }
        List<ObjectNode> found = JsonRecords.since(all, "updateTime", LoopbackHttp.parameter(exchange, "updatedSince"));
        ObjectNode body = JsonRecords.object();
        body.put("code", 0);
        ObjectNode data = body.putObject("data");
        data.put("total", found.size());
        data.set("list", JsonRecords.array(JsonRecords.page(found, page, size)));
        return body;
    }

    private void fill() {
        for (int i = 0; i < communities.size(); i++) {
            SplittableRandom random = new SplittableRandom(seed * 41 + i);
            Division village = communities.get(i);
            String base = village.code() + "-";
            covenant(base + "g", village, random);
            int articles = 3 + random.nextInt(6);
            for (int a = 0; a < articles; a++) {
                article(base + a, village, random, Duration.ofDays(1 + random.nextInt(700)));
            }
        }
    }

    private void covenant(String id, Division village, SplittableRandom random) {
        String name = village.name().replaceAll("(居民委员会|居委会|村民委员会|村委会)$", "");
        put(
                id,
                "covenant",
                village,
                name + (CreditCodes.isVillagers(village) ? "村规民约" : "居民公约"),
                "<div class=\"art\"><h2>公约</h2><ol><li>爱国守法，明礼诚信。</li><li>邻里和睦，守望相助。</li>"
                        + "<li>爱护公物，垃圾分类&nbsp;投放。</li></ol><script>count('" + id + "')</script></div>",
                Duration.ofDays(400 + random.nextInt(900)));
    }

    private void article(String id, Division village, SplittableRandom random, Duration ago) {
        boolean notice = random.nextInt(10) < 6;
        String what = notice ? NOTICES[random.nextInt(NOTICES.length)] : EVENTS[random.nextInt(EVENTS.length)];
        put(
                id,
                notice ? "notice" : "event",
                village,
                (notice ? "关于" + what + "的通知" : what + "活动圆满举行"),
                "<style>p{margin:0}</style><p>各位居民：</p><p>&emsp;&emsp;" + village.name() + what
                        + "<b>相关事宜</b>如下，请相互转告。<br>咨询请到社区服务站。</p><p onclick=\"go()\">"
                        + LocalDate.ofInstant(records.clock().instant().minus(ago), JsonRecords.ZONE)
                        + "</p><iframe src=\"//ad.example/x\"></iframe>",
                ago);
    }

    private void put(String id, String channel, Division village, String title, String html, Duration ago) {
        ObjectNode article = JsonRecords.object();
        article.put("id", id);
        article.put("channel", channel);
        article.put("communityCode", village.code());
        article.put("title", title);
        article.put("html", html);
        article.put(
                "publishDate",
                LocalDate.ofInstant(records.clock().instant().minus(ago), JsonRecords.ZONE)
                        .toString());
        article.put("updateTime", JsonRecords.time(records.clock().instant().minus(ago)));
        records.put(id, article);
    }

    /** Makes {@code n} changes: an article is published, corrected, or taken off. */
    public synchronized void step(int n) {
        for (int i = 0; i < n; i++) {
            SplittableRandom random = new SplittableRandom(seed * 43 + steps++);
            int what = random.nextInt(10);
            if (what < 7) {
                article("n" + steps, communities.get(random.nextInt(communities.size())), random, Duration.ZERO);
            } else if (what < 9) {
                ObjectNode article = records.get(records.any(random));
                if (article != null) {
                    article.put("title", article.path("title").asText() + "（更正）");
                    article.put("updateTime", records.now());
                    records.put(article.path("id").asText(), article);
                }
            } else if (records.size() > 1) {
                records.remove(records.any(random));
            }
        }
    }

    /** How many articles it serves. */
    public int size() {
        return records.size();
    }

    /** How many requests there have been. */
    public int requests() {
        return records.requests();
    }

    public String baseUrl() {
        return records.baseUrl();
    }

    @Override
    public List<Map<String, String>> rows() {
        return records.rows();
    }

    @Override
    public void put(Map<String, String> row) {
        records.put(row.getOrDefault("id", ""), records.record(row, "updateTime"));
    }

    @Override
    public void remove(String key) {
        records.remove(key);
    }

    @Override
    public String connector() {
        return "community-web";
    }

    @Override
    public Map<String, String> keys() {
        return LegacySystem.keysOf(connector(), Map.of("base-url", baseUrl(), "interval", "PT10S"));
    }

    @Override
    public void live(double perSecond) {
        life.go(perSecond);
    }

    @Override
    public void close() {
        life.pause();
        records.close();
    }
}
