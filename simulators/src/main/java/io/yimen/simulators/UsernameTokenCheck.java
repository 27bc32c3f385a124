package io.yimen.simulators;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.xml.namespace.QName;
import org.apache.cxf.binding.soap.SoapFault;
import org.apache.cxf.binding.soap.SoapMessage;
import org.apache.cxf.binding.soap.interceptor.AbstractSoapInterceptor;
import org.apache.cxf.headers.Header;
import org.apache.cxf.message.Message;
import org.apache.cxf.phase.Phase;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Lets those in who show a username token of WS-Security: known, young, and, where it is a digest, never seen before. */
final class UsernameTokenCheck extends AbstractSoapInterceptor {
    private static final String WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-";
    private static final String WSSE = WSS + "wssecurity-secext-1.0.xsd";
    private static final String WSU = WSS + "wssecurity-utility-1.0.xsd";
    private static final QName SECURITY = new QName(WSSE, "Security");
    private static final Duration YOUNG = Duration.ofMinutes(5);

    private final String username;
    private final String password;
    private final boolean digested;
    private final Set<String> nonces = ConcurrentHashMap.newKeySet();

    UsernameTokenCheck(String username, String password, boolean digested) {
        super(Phase.PRE_PROTOCOL);
        this.username = username;
        this.password = password;
        this.digested = digested;
    }

    @Override
    public Set<QName> getUnderstoodHeaders() {
        return Set.of(SECURITY);
    }

    @Override
    public void handleMessage(SoapMessage message) {
        if ("GET".equals(message.get(Message.HTTP_REQUEST_METHOD))) {
            return;
        }
        Header header = message.getHeader(SECURITY);
        if (header == null || !(header.getObject() instanceof Element security) || !isKnown(security)) {
            throw new SoapFault(
                    "The security token could not be authenticated or authorized",
                    new QName(WSSE, "FailedAuthentication"));
        }
    }

    private boolean isKnown(Element security) {
        String given = text(security, WSSE, "Password");
        String created = text(security, WSU, "Created");
        String nonce = text(security, WSSE, "Nonce");
        if (!text(security, WSSE, "Username").equals(username)) {
            return false;
        }
        String type = attribute(security);
        if (!digested) {
            return type.endsWith("#PasswordText") && given.equals(password);
        }
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            sha1.update(Base64.getDecoder().decode(nonce));
            sha1.update((created + password).getBytes(StandardCharsets.UTF_8));
            boolean right = Base64.getEncoder().encodeToString(sha1.digest()).equals(given);
            Duration age =
                    Duration.between(Instant.parse(created), Instant.now()).abs();
            return right && type.endsWith("#PasswordDigest") && age.compareTo(YOUNG) < 0 && nonces.add(nonce);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        } catch (DateTimeException | IllegalArgumentException e) {
            return false;
        }
    }

    private static String attribute(Element security) {
        NodeList found = security.getElementsByTagNameNS(WSSE, "Password");
        return found.getLength() == 1 ? ((Element) found.item(0)).getAttribute("Type") : "";
    }

    private static String text(Element security, String namespace, String name) {
        NodeList found = security.getElementsByTagNameNS(namespace, name);
        return found.getLength() == 1 ? found.item(0).getTextContent() : "";
    }
}
