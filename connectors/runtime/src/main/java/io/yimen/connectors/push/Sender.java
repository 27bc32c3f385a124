package io.yimen.connectors.push;

import io.yimen.connectors.Connector;
import io.yimen.connectors.manifest.Manifest;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What the system that pushes has to prove: that it knows the secret, by showing it ({@code Authorization: Bearer}), or
 * by signing what it sends and when ({@code Yimen-Timestamp}, {@code Yimen-Signature}). Compared in constant time. The
 * secret is asked for at each request. Thread-safe.
 */
public final class Sender {
    private static final int SHORTEST_SECRET = 16;
    private static final Pattern BEARER = Pattern.compile("(?i)bearer +(\\S+)");
    private static final String MAC = "HmacSHA256";

    private final Connector connector;
    private final Manifest.Push settings;
    private final Duration window;

    /** @throws io.yimen.connectors.manifest.ManifestException if the secret is too short to be one */
    public Sender(Connector connector, Manifest.Push settings) {
        this.connector = connector;
        this.settings = settings;
        this.window = connector.duration(settings.window());
        if (secret().length() < SHORTEST_SECRET) {
            throw connector.wrong(settings.secret(), "has fewer than " + SHORTEST_SECRET + " characters");
        }
    }

    /** Whether the sender signs, so that its body has to be read before it is known. */
    public boolean isSigning() {
        return settings.signed();
    }

    /** Whether the header {@code Authorization} shows the secret. */
    public boolean shows(String authorization) {
        Matcher bearer = BEARER.matcher(authorization.strip());
        return bearer.matches() && same(bearer.group(1), secret());
    }

    /**
     * Whether the signature is that of this request and young enough.
     *
     * @param timestamp seconds since 1970
     * @param signature {@code sha256=} and the digits of {@link #sign}
     */
    public boolean signed(
            String timestamp, String signature, Map<String, String> attributes, byte[] body, Clock clock) {
        if (!timestamp.matches("\\d{1,12}")) {
            return false;
        }
        Duration age = Duration.between(Instant.ofEpochSecond(Long.parseLong(timestamp)), clock.instant());
        boolean young = age.abs().compareTo(window) <= 0;
        boolean right = same(signature, "sha256=" + sign(secret(), connector.id(), timestamp, attributes, body));
        return right && young;
    }

    /**
     * HMAC-SHA-256, in hexadecimal digits, over the timestamp, a full stop, the connector's id, a full stop, in binary
     * mode a line {@code name:value} for each attribute in the order of their names, and the body. The id, so that no
     * signature serves with another connector; the attributes, because in binary mode they say what the body means.
     */
    static String sign(String secret, String connector, String timestamp, Map<String, String> attributes, byte[] body) {
        StringBuilder head = new StringBuilder(timestamp + "." + connector + ".");
        new TreeMap<>(attributes)
                .forEach((name, value) ->
                        head.append(name).append(':').append(value).append('\n'));
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), MAC));
            mac.update(head.toString().getBytes(StandardCharsets.UTF_8));
            return java.util.HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + MAC, e);
        }
    }

    private String secret() {
        return connector.parameters().getFilled(settings.secret());
    }

    private static boolean same(String given, String expected) {
        return MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), expected.getBytes(StandardCharsets.UTF_8));
    }
}
