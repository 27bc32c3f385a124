package io.yimen.connectors.soap;

import io.yimen.connectors.rows.StrictXml;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.xml.namespace.QName;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * What a WSDL 1.1 says of its operations, with the parts that it imports from its own host and from no other. Only
 * document/literal, as everybody writes it. Where it says that the service listens is not heeded: that is for the
 * configuration.
 */
public final class Wsdl {
    private static final String WSDL = "http://schemas.xmlsoap.org/wsdl/";
    private static final String SCHEMA = "http://www.w3.org/2001/XMLSchema";
    private static final int MOST_PARTS = 20;

    /** How an operation is called. */
    public record Operation(QName element, boolean qualified, boolean soap12, String action) {}

    /** The WSDL does not serve. */
    public static final class Unfit extends Exception {
        private static final long serialVersionUID = 1L;
        private final String code;

        Unfit(String code, String message) {
            super(message, null, false, false);
            this.code = code;
        }

        public String code() {
            return code;
        }

        public String message() {
            return String.valueOf(getMessage());
        }
    }

    /**
     * Fetches a part.
     *
     * @param <E> what may go wrong with that
     */
    public interface Fetch<E extends Exception> {
        String text(URI address) throws E;
    }

    private final Map<String, QName> elementByMessage = new HashMap<>();
    private final Map<String, String> messageByOperation = new LinkedHashMap<>();
    private final Map<String, Boolean> qualifiedByNamespace = new HashMap<>();
    private final List<Bound> bound = new ArrayList<>();

    private record Bound(String operation, boolean soap12, boolean rpc, String action) {}

    private Wsdl() {}

    /** Reads it with all that it imports. */
    public static <E extends Exception> Wsdl read(URI address, Fetch<E> fetch) throws Unfit, E {
        Wsdl wsdl = new Wsdl();
        Deque<URI> left = new ArrayDeque<>(List.of(address));
        Set<URI> seen = new HashSet<>(left);
        while (!left.isEmpty()) {
            URI part = left.remove();
            for (String location : wsdl.readPart(fetch.text(part))) {
                URI next = resolved(part, location);
                if (!address.getScheme().equalsIgnoreCase(next.getScheme())
                        || !address.getRawAuthority().equalsIgnoreCase(next.getRawAuthority())) {
                    throw new Unfit(
                            "foreign-import",
                            "it imports from another host, which is not followed; ask the owner for one that does not");
                }
                if (seen.add(next)) {
                    left.add(next);
                }
                if (seen.size() > MOST_PARTS) {
                    throw new Unfit("foreign-import", "it has more than " + MOST_PARTS + " parts");
                }
            }
        }
        return wsdl;
    }

    private static URI resolved(URI part, String location) throws Unfit {
        try {
            URI next = part.resolve(location);
            if (next.getRawAuthority() != null && next.getScheme() != null) {
                return next;
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        throw new Unfit("foreign-import", "it imports from what is no address of a host");
    }

    /**
     * How an operation is called.
     *
     * @param version {@code 1.1} or {@code 1.2}; null for either, the older first
     */
    public Operation getOperation(String name, @Nullable String version) throws Unfit {
        String message = messageByOperation.get(name);
        QName element = message == null ? null : elementByMessage.get(message);
        Bound how = bound.stream()
                .filter(b -> b.operation.equals(name) && (version == null || b.soap12 == version.equals("1.2")))
                .min(java.util.Comparator.comparing(Bound::soap12))
                .orElse(null);
        if (element == null || how == null) {
            throw new Unfit(
                    "missing-operation",
                    "it has no operation " + name + (version == null ? "" : " for SOAP " + version) + "; it has "
                            + String.join(", ", messageByOperation.keySet()));
        }
        if (how.rpc) {
            throw new Unfit("unsupported-style", name + " is of style rpc; only document/literal is spoken");
        }
        return new Operation(
                element, qualifiedByNamespace.getOrDefault(element.getNamespaceURI(), false), how.soap12, how.action);
    }

    /** Reads one document; where what it imports stands. */
    private List<String> readPart(String text) throws Unfit {
        List<String> imports = new ArrayList<>();
        try {
            new Part(StrictXml.reader(text), imports).read();
        } catch (XMLStreamException e) {
            throw new Unfit("malformed-wsdl", "it is no well-formed XML");
        }
        return imports;
    }

    /** The pass through one document. */
    private final class Part {
        private final XMLStreamReader xml;
        private final List<String> imports;
        private final Deque<String> path = new ArrayDeque<>();
        private String message = "";
        private String operation = "";
        private boolean soap12;
        private boolean rpc;

        Part(XMLStreamReader xml, List<String> imports) {
            this.xml = xml;
            this.imports = imports;
        }

        void read() throws XMLStreamException, Unfit {
            while (xml.hasNext()) {
                switch (xml.next()) {
                    case XMLStreamConstants.START_ELEMENT -> {
                        start(xml.getNamespaceURI() == null ? "" : xml.getNamespaceURI(), xml.getLocalName());
                        path.push(xml.getLocalName());
                    }
                    case XMLStreamConstants.END_ELEMENT -> path.pop();
                    case XMLStreamConstants.DTD, XMLStreamConstants.ENTITY_REFERENCE ->
                        throw new Unfit("malformed-wsdl", "it has a document type or an entity of its own");
                    default -> {
                        // text, comments
                    }
                }
            }
        }

        private void start(String namespace, String name) {
            if (namespace.equals(SCHEMA)) {
                schema(name);
            } else if (namespace.equals(WSDL)) {
                wsdl(name);
            } else if (namespace.startsWith("http://schemas.xmlsoap.org/wsdl/soap")) {
                soap(namespace.endsWith("/soap12/"), name);
            }
        }

        private void schema(String name) {
            if (name.equals("schema")) {
                qualifiedByNamespace.put(
                        attribute("targetNamespace"),
                        attribute("elementFormDefault").equals("qualified"));
            } else if (name.equals("import") || name.equals("include")) {
                imported(attribute("schemaLocation"));
            }
        }

        private void wsdl(String name) {
            switch (name) {
                case "import" -> imported(attribute("location"));
                case "message" -> message = attribute("name");
                case "part" -> {
                    if (!attribute("element").isEmpty()) {
                        elementByMessage.put(message, qualified(attribute("element")));
                    }
                }
                case "operation" -> operation = attribute("name");
                case "input" -> {
                    if (path.contains("portType")) {
                        messageByOperation.put(
                                operation, qualified(attribute("message")).getLocalPart());
                    }
                }
                default -> {
                    // ports, faults, documentation
                }
            }
        }

        private void soap(boolean twelve, String name) {
            if (name.equals("binding")) {
                soap12 = twelve;
                rpc = attribute("style").equals("rpc");
            } else if (name.equals("operation")) {
                bound.add(
                        new Bound(operation, soap12, rpc || attribute("style").equals("rpc"), attribute("soapAction")));
            }
        }

        private void imported(String location) {
            if (!location.isEmpty()) {
                imports.add(location);
            }
        }

        private QName qualified(String name) {
            int colon = name.indexOf(':');
            String prefix = colon < 0 ? "" : name.substring(0, colon);
            String namespace = xml.getNamespaceURI(prefix);
            return new QName(namespace == null ? "" : namespace, name.substring(colon + 1));
        }

        private String attribute(String name) {
            String value = xml.getAttributeValue(null, name);
            return value == null ? "" : value;
        }
    }
}
