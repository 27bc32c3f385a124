package io.yimen.simulators;

import jakarta.jws.WebMethod;
import jakarta.jws.WebParam;
import jakarta.jws.WebResult;
import jakarta.jws.WebService;
import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlElement;
import jakarta.xml.bind.annotation.XmlElementWrapper;
import jakarta.xml.bind.annotation.XmlType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.cxf.Bus;
import org.apache.cxf.bus.extension.ExtensionManagerBus;
import org.apache.cxf.endpoint.Server;
import org.apache.cxf.jaxws.JaxWsServerFactoryBean;
import org.jspecify.annotations.Nullable;

/**
 * The service requests of the trade unions' members (e通车) as a SOAP service, Apache CXF, that asks for a username token
 * of WS-Security. What the real one is like is not known, so it comes in two shapes: {@link Shape#LIST}, SOAP 1.1 with
 * typed elements and the password as it is; {@link Shape#TEXT}, SOAP 1.2 with one operation that takes and gives XML as
 * text, the password as a digest. Thread-safe.
 */
public final class ETongche implements RowSystem {
    private static final String ID = "e-tongche";
    private static final String USER = "yimen";
    private static final String NAMESPACE = "http://etongche.example/";
    private static final List<String> REQUESTS =
            List.of("职工互助保障理赔", "困难职工帮扶申请", "职工法律援助", "工会会员卡办理", "职工子女托管报名", "职工疗休养报名");

    /** They would tell of every start on the demo's screen; kept, or their levels would go with them. */
    private static final List<Logger> QUIET = Stream.of(
                    "org.apache.cxf", "io.undertow", "org.xnio", "org.jboss.threads")
            .map(Logger::getLogger)
            .toList();

    static {
        QUIET.forEach(logger -> logger.setLevel(Level.WARNING));
    }

    /** How the service is spoken to. */
    public enum Shape {
        LIST,
        TEXT
    }

    private final Shape shape;
    private final String password = SingleWindow.secret();
    private final int port = FreePorts.find();
    private final Life life = new Life(ID, this::step);
    private final SplittableRandom random;
    private final Map<String, Request> requests = new LinkedHashMap<>();
    private @Nullable Bus bus;
    private @Nullable Server server;

    private ETongche(Shape shape, long seed, int communities, int number) {
        this.shape = shape;
        this.random = new SplittableRandom(seed * 19);
        List<Division> villages = ElectionSystem.committees(seed, communities, new Names()).stream()
                .map(Committee::village)
                .toList();
        for (int i = 1; i <= number; i++) {
            Request request = new Request();
            request.sqbh = "ETC%08d".formatted(i);
            request.sqsx = REQUESTS.get(random.nextInt(REQUESTS.size()));
            request.sldw = "区总工会";
            request.sqrq = "202602%02d".formatted(1 + random.nextInt(28));
            request.clzt = Integer.toString(1 + random.nextInt(3));
            request.bjrq = request.clzt.equals("3") ? "20260310" : "";
            request.xzqhdm = villages.get(random.nextInt(villages.size())).code();
            requests.put(request.sqbh, request);
        }
        resume();
    }

    /** Starts it on a free port, with so many requests from the first communities. */
    public static ETongche start(Shape shape, long seed, int communities, int number) {
        return new ETongche(shape, seed, communities, number);
    }

    @Override
    public String connector() {
        return ID;
    }

    @Override
    public Map<String, String> keys() {
        return LegacySystem.keysOf(ID, Map.of("url", url(), "username", USER, "password", password));
    }

    /** Where it is called; {@code ?wsdl} describes it. */
    public String url() {
        return "http://127.0.0.1:" + port + "/etongche";
    }

    @Override
    public void live(double perSecond) {
        life.go(perSecond / 4);
    }

    /** So many requests go on, or are withdrawn. */
    public synchronized void step(int changes) {
        for (int i = 0; i < changes && !requests.isEmpty(); i++) {
            List<String> keys = new ArrayList<>(requests.keySet());
            String key = keys.get(random.nextInt(keys.size()));
            if (random.nextInt(50) == 0) {
                requests.remove(key);
            } else {
                Request request = requests.get(key);
                if (request != null) {
                    request.clzt = "3";
                    request.bjrq = "20260320";
                }
            }
        }
    }

    /** How many requests it holds. */
    public synchronized int size() {
        return requests.size();
    }

    @Override
    public synchronized List<Map<String, String>> rows() {
        return requests.values().stream().map(Request::row).toList();
    }

    @Override
    public synchronized void put(Map<String, String> row) {
        Request request = new Request();
        request.sqbh = row.getOrDefault("sqbh", "");
        request.sqsx = row.getOrDefault("sqsx", "");
        request.sldw = row.getOrDefault("sldw", "");
        request.sqrq = row.getOrDefault("sqrq", "");
        request.clzt = row.getOrDefault("clzt", "");
        request.bjrq = row.getOrDefault("bjrq", "");
        request.xzqhdm = row.getOrDefault("xzqhdm", "");
        requests.put(request.sqbh, request);
    }

    @Override
    public synchronized void remove(String number) {
        requests.remove(number);
    }

    /** Stops answering until {@link #resume}. */
    public synchronized void stop() {
        if (server != null) {
            server.destroy();
        }
        if (bus != null) {
            bus.shutdown(true);
        }
        server = null;
        bus = null;
    }

    /** Answers again, at the same address. */
    public synchronized void resume() {
        if (server != null) {
            return;
        }
        Bus own = new ExtensionManagerBus();
        JaxWsServerFactoryBean factory = new JaxWsServerFactoryBean();
        factory.setBus(own);
        factory.setAddress(url());
        boolean text = shape == Shape.TEXT;
        factory.setServiceBean(text ? new TextService(this) : new ListService(this));
        if (text) {
            factory.setBindingId("http://schemas.xmlsoap.org/wsdl/soap12/");
        }
        factory.getInInterceptors().add(new UsernameTokenCheck(USER, password, text));
        bus = own;
        server = factory.create();
    }

    @Override
    public void close() {
        life.pause();
        stop();
    }

    private synchronized List<Request> page(int number, int size) {
        List<Request> all = new ArrayList<>(requests.values());
        int from = (int) Math.min(all.size(), (number - 1L) * size);
        int to = (int) Math.min(all.size(), (long) number * size);
        return List.copyOf(all.subList(from, to));
    }

    /** A request, in the service's own words. */
    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(propOrder = {"sqbh", "sqsx", "sldw", "sqrq", "clzt", "bjrq", "xzqhdm"})
    @SuppressWarnings("NullAway.Init")
    public static class Request {
        private String sqbh;
        private String sqsx;
        private String sldw;
        private String sqrq;
        private String clzt;
        private String bjrq;
        private String xzqhdm;

        private Map<String, String> row() {
            return Map.of(
                    "sqbh", sqbh, "sqsx", sqsx, "sldw", sldw, "sqrq", sqrq, "clzt", clzt, "bjrq", bjrq, "xzqhdm",
                    xzqhdm);
        }

        private String xml() {
            return "<row><sqbh>%s</sqbh><sqsx>%s</sqsx><sldw>%s</sldw><sqrq>%s</sqrq><clzt>%s</clzt><bjrq>%s</bjrq><xzqhdm>%s</xzqhdm></row>"
                    .formatted(sqbh, sqsx, sldw, sqrq, clzt, bjrq, xzqhdm);
        }
    }

    /** A page of requests. */
    @XmlAccessorType(XmlAccessType.FIELD)
    @SuppressWarnings("NullAway.Init")
    public static class Page {
        private int total;

        @XmlElementWrapper(name = "items")
        @XmlElement(name = "item")
        private List<Request> items;
    }

    /** Typed elements. */
    @WebService(targetNamespace = NAMESPACE, serviceName = "RequestService", name = "RequestPort")
    public static class ListService {
        private final ETongche system;

        ListService(ETongche system) {
            this.system = system;
        }

        @WebMethod
        @WebResult(name = "result")
        public Page queryRequests(@WebParam(name = "pageNo") int pageNo, @WebParam(name = "pageSize") int pageSize) {
            Page page = new Page();
            page.items = system.page(pageNo, pageSize);
            page.total = system.size();
            return page;
        }
    }

    /** XML as text, in and out, as services of a certain age have it. */
    @WebService(targetNamespace = NAMESPACE, serviceName = "DataService", name = "DataPort")
    public static class TextService {
        private static final Pattern PAGE = Pattern.compile("<page>(\\d+)</page><rows>(\\d+)</rows>");

        private final ETongche system;

        TextService(ETongche system) {
            this.system = system;
        }

        @WebMethod
        @WebResult(name = "out")
        public String getData(@WebParam(name = "method") String method, @WebParam(name = "param") String param) {
            Matcher asked = PAGE.matcher(param);
            if (!method.equals("REQUESTS") || !asked.find()) {
                return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><response><code>1</code></response>";
            }
            StringBuilder xml =
                    new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?><response><code>0</code><count>");
            xml.append(system.size()).append("</count><rows>");
            system.page(Integer.parseInt(asked.group(1)), Integer.parseInt(asked.group(2)))
                    .forEach(request -> xml.append(request.xml()));
            return xml.append("</rows></response>").toString();
        }
    }
}
