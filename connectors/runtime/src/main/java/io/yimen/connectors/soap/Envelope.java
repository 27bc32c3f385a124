package io.yimen.connectors.soap;

import io.yimen.connectors.rows.StrictXml;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import javax.xml.stream.XMLStreamWriter;
import org.jspecify.annotations.Nullable;

/** What goes out in a call, and what is to be seen in an answer before its content is. */
public final class Envelope {
    private static final String SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/";
    private static final String SOAP_12 = "http://www.w3.org/2003/05/soap-envelope";
    private static final String WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-";
    private static final String WSSE = WSS + "wssecurity-secext-1.0.xsd";
    private static final String WSU = WSS + "wssecurity-utility-1.0.xsd";
    private static final String TOKEN = WSS + "username-token-profile-1.0#Password";
    private static final String BASE_64 = WSS + "soap-message-security-1.0#Base64Binary";

    private Envelope() {}

    /**
     * Who calls, after the UsernameToken profile of WS-Security 1.0.
     *
     * @param digested whether the password goes as a digest, or as it is
     * @param nonce 16 random bytes, others for each call
     */
    public record Token(String username, String password, boolean digested, byte[] nonce, Instant created) {
        @Override
        public String toString() {
            return "token";
        }
    }

    /**
     * That a call failed, as the service says.
     *
     * @param code without prefix, e.g. {@code Server}
     * @param text what it says, without numbers that could be somebody's
     */
    public record Fault(String code, String text) {
        /** Whether the service says that it is at fault, so that the same call may do later. */
        public boolean isPassing() {
            return code.equals("Server") || code.equals("Receiver");
        }

        /** Whether it does not accept who calls. */
        public boolean isRefusal() {
            return code.startsWith("Failed") || code.startsWith("Invalid") || code.startsWith("UnsupportedSecurity");
        }
    }

    /** A call with its arguments in their order. */
    public static String call(Wsdl.Operation operation, Map<String, String> arguments, @Nullable Token token) {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
            xml.writeStartDocument("UTF-8", "1.0");
            String soap = operation.soap12() ? SOAP_12 : SOAP_11;
            xml.writeStartElement("s", "Envelope", soap);
            xml.writeNamespace("s", soap);
            if (token != null) {
                header(xml, soap, token);
            }
            xml.writeStartElement("s", "Body", soap);
            String namespace = operation.element().getNamespaceURI();
            xml.writeStartElement("o", operation.element().getLocalPart(), namespace);
            xml.writeNamespace("o", namespace);
            for (Map.Entry<String, String> argument : arguments.entrySet()) {
                if (operation.qualified()) {
                    xml.writeStartElement("o", argument.getKey(), namespace);
                } else {
                    xml.writeStartElement(argument.getKey());
                }
                xml.writeCharacters(argument.getValue());
                xml.writeEndElement();
            }
            xml.writeEndDocument();
            xml.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("text cannot fail to be written", e);
        }
        return text.toString();
    }

    private static void header(XMLStreamWriter xml, String soap, Token token) throws XMLStreamException {
        String created = token.created.truncatedTo(ChronoUnit.MILLIS).toString();
        xml.writeStartElement("s", "Header", soap);
        xml.writeStartElement("w", "Security", WSSE);
        xml.writeNamespace("w", WSSE);
        xml.writeNamespace("u", WSU);
        xml.writeAttribute("s", soap, "mustUnderstand", "1");
        xml.writeStartElement("w", "UsernameToken", WSSE);
        element(xml, "Username", token.username);
        xml.writeStartElement("w", "Password", WSSE);
        xml.writeAttribute("Type", TOKEN + (token.digested ? "Digest" : "Text"));
        xml.writeCharacters(token.digested ? digest(token.nonce, created, token.password) : token.password);
        xml.writeEndElement();
        xml.writeStartElement("w", "Nonce", WSSE);
        xml.writeAttribute("EncodingType", BASE_64);
        xml.writeCharacters(Base64.getEncoder().encodeToString(token.nonce));
        xml.writeEndElement();
        xml.writeStartElement("u", "Created", WSU);
        xml.writeCharacters(created);
        xml.writeEndElement();
        xml.writeEndElement();
        xml.writeEndElement();
        xml.writeEndElement();
    }

    private static void element(XMLStreamWriter xml, String name, String text) throws XMLStreamException {
        xml.writeStartElement("w", name, WSSE);
        xml.writeCharacters(text);
        xml.writeEndElement();
    }

    /** As the profile says: Base64 of SHA-1 of nonce, time and password. */
    static String digest(byte[] nonce, String created, String password) {
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            sha1.update(nonce);
            sha1.update(created.getBytes(StandardCharsets.UTF_8));
            sha1.update(password.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(sha1.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }

    /**
     * The fault that an answer is, if it is one. What is not well-formed is for whoever reads the content.
     *
     * @param answer a whole document
     */
    public static Optional<Fault> fault(String answer) {
        try {
            XMLStreamReader xml = StrictXml.reader(answer);
            if (!child(xml, "Envelope") || !child(xml, "Body") || !child(xml, "Fault")) {
                return Optional.empty();
            }
            String code = "";
            StringBuilder text = new StringBuilder();
            String at = "";
            while (xml.hasNext()) {
                int event = xml.next();
                if (event == XMLStreamConstants.START_ELEMENT) {
                    at = xml.getLocalName();
                } else if (event == XMLStreamConstants.CHARACTERS) {
                    if (at.equals("faultcode") || at.equals("Value")) {
                        // Of nested codes the innermost says most.
                        String value = xml.getText().strip();
                        code = value.isEmpty() ? code : value.substring(value.indexOf(':') + 1);
                    } else if (at.equals("faultstring") || at.equals("Text")) {
                        text.append(xml.getText().strip());
                    }
                } else if (event == XMLStreamConstants.END_ELEMENT) {
                    at = "";
                }
            }
            return Optional.of(new Fault(code, said(text)));
        } catch (XMLStreamException e) {
            return Optional.empty();
        }
    }

    private static String said(StringBuilder text) {
        String plain = text.toString().replaceAll("\\s+", " ").replaceAll("\\d{4,}[0-9Xx]*", "…");
        return plain.length() > 200 ? plain.substring(0, 200) + "…" : plain;
    }

    /** Moves on to the next element; whether it is called so. */
    private static boolean child(XMLStreamReader xml, String name) throws XMLStreamException {
        while (xml.hasNext()) {
            int event = xml.next();
            if (event == XMLStreamConstants.START_ELEMENT) {
                if (xml.getLocalName().equals("Header") && name.equals("Body")) {
                    skip(xml);
                    continue;
                }
                return xml.getLocalName().equals(name);
            }
        }
        return false;
    }

    private static void skip(XMLStreamReader xml) throws XMLStreamException {
        int depth = 1;
        while (depth > 0 && xml.hasNext()) {
            int event = xml.next();
            depth += event == XMLStreamConstants.START_ELEMENT ? 1 : event == XMLStreamConstants.END_ELEMENT ? -1 : 0;
        }
    }

    /**
     * The text of the one element at a path, steps by local name from the top.
     *
     * @throws XMLStreamException if the document is not well-formed, or has a document type
     */
    public static Optional<String> textAt(String document, String path) throws XMLStreamException {
        XMLStreamReader xml = StrictXml.reader(document);
        StringBuilder at = new StringBuilder();
        StringBuilder found = null;
        while (xml.hasNext()) {
            switch (xml.next()) {
                case XMLStreamConstants.START_ELEMENT -> {
                    at.append('/').append(xml.getLocalName());
                    if (at.toString().equals(path)) {
                        found = new StringBuilder();
                    }
                }
                case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> {
                    if (found != null && at.toString().equals(path)) {
                        found.append(xml.getText());
                    }
                }
                case XMLStreamConstants.END_ELEMENT -> at.setLength(at.lastIndexOf("/"));
                case XMLStreamConstants.DTD, XMLStreamConstants.ENTITY_REFERENCE ->
                    throw new XMLStreamException("a document type or an entity of its own");
                default -> {
                    // comments
                }
            }
        }
        return Optional.ofNullable(found).map(StringBuilder::toString);
    }
}
