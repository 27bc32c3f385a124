package io.yimen.connectors.extract;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * The certificate that a source database shows to whoever asks for a sealed connection. Looked at where a driver says
 * only that it could not connect: of a name that does not fit both drivers tell nothing but a text. Nobody signs in.
 */
final class ShownCertificate {
    private static final int PATIENCE_MILLIS = 5_000;
    private static final int POSTGRES_SEAL = 80_877_103;
    private static final int LONGEST_GREETING = 1 << 16;
    /** What a MariaDB is told to be able to: to seal, in the protocol of 4.1. */
    private static final int MARIADB_SEAL = 0x0800 | 0x0200 | 0x8000;

    private ShownCertificate() {}

    /** What is wrong with it; nothing if it fits, or cannot be looked at. */
    static Optional<CertificateFault> findFault(JdbcAddress address, Authorities authorities) {
        try (Socket plain = new Socket()) {
            plain.setSoTimeout(PATIENCE_MILLIS);
            plain.connect(new InetSocketAddress(address.host(), address.port()), PATIENCE_MILLIS);
            if (!(address.dialect() == JdbcDialect.MARIADB ? mariaDbSeals(plain) : postgresSeals(plain))) {
                return Optional.empty();
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(authorities.keys());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), new SecureRandom());
            try (SSLSocket sealed =
                    (SSLSocket) context.getSocketFactory().createSocket(plain, address.host(), address.port(), true)) {
                SSLParameters parameters = sealed.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                sealed.setSSLParameters(parameters);
                sealed.startHandshake();
            }
            return Optional.empty();
        } catch (IOException | GeneralSecurityException e) {
            return CertificateFault.find(e);
        }
    }

    private static boolean postgresSeals(Socket plain) throws IOException {
        DataOutputStream out = new DataOutputStream(plain.getOutputStream());
        out.writeInt(8);
        out.writeInt(POSTGRES_SEAL);
        out.flush();
        return plain.getInputStream().read() == 'S';
    }

    private static boolean mariaDbSeals(Socket plain) throws IOException {
        DataInputStream in = new DataInputStream(plain.getInputStream());
        int length = Integer.reverseBytes(in.readInt()) & 0xffffff;
        if (length > LONGEST_GREETING || in.readUnsignedByte() != 10) {
            return false;
        }
        in.skipNBytes(length - 1L);
        byte[] request = new byte[4 + 32];
        request[0] = 32;
        request[3] = 1;
        for (int i = 0; i < 4; i++) {
            request[4 + i] = (byte) (MARIADB_SEAL >> (8 * i));
        }
        request[4 + 6] = 1;
        request[4 + 8] = 45;
        plain.getOutputStream().write(request);
        return true;
    }
}
