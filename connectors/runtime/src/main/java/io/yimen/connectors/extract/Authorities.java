package io.yimen.connectors.extract;

import io.yimen.connectors.ConnectorException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who may sign for a source database: the certificates of a PEM file that its address names.
 *
 * @param file the PEM file
 */
record Authorities(Path file) {
    private static final long LARGEST = 1 << 20;
    /** MariaDB's number for a connection that is refused because it is in the clear. */
    private static final int ONLY_SEALED = 3159;

    /** Whether the file is one that holds certificates, and nothing that reads for ever. */
    boolean isReadable() {
        try {
            return !certificates().isEmpty();
        } catch (IOException | CertificateException e) {
            return false;
        }
    }

    private Collection<? extends Certificate> certificates() throws IOException, CertificateException {
        if (!Files.isRegularFile(file) || Files.size(file) > LARGEST) {
            throw new IOException("no file of certificates");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return CertificateFactory.getInstance("X.509").generateCertificates(in);
        }
    }

    /** The certificates as a key store. */
    KeyStore keys() throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("JKS");
        keys.load(null, null);
        for (Certificate certificate : certificates()) {
            keys.setCertificateEntry(Integer.toString(keys.size()), certificate);
        }
        return keys;
    }

    /** The same certificates as a key store, in a file that nobody else may read. */
    Store store() {
        try {
            KeyStore keys = keys();
            Store store = new Store(Files.createTempFile("yimen-authorities", ".jks"));
            try (OutputStream out = Files.newOutputStream(store.file())) {
                // Certificates are no secret; who may not write the file need not guess what for.
                keys.store(out, new char[0]);
            }
            return store;
        } catch (IOException | GeneralSecurityException e) {
            throw new ConnectorException(
                    ConnectorException.Kind.UNEXPECTED,
                    "certificate",
                    "the certificates that the address of the source database names cannot be read; put the file back",
                    e);
        }
    }

    /**
     * A key store that is deleted when it is closed.
     *
     * @param file of the kind JKS, without password
     */
    record Store(Path file) implements AutoCloseable {
        @Override
        public void close() {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                // it holds nothing that others may not know
            }
        }
    }

    /** What to tell where a connection failed because of the server's certificate, or because it was not sealed. */
    static Optional<ConnectorException> findRefusal(Throwable failure) {
        Optional<CertificateFault> fault = CertificateFault.find(failure);
        if (fault.isPresent()) {
            return Optional.of(refusal(fault.get(), failure));
        }
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getErrorCode() == ONLY_SEALED) {
                return Optional.of(new ConnectorException(
                        ConnectorException.Kind.UNEXPECTED,
                        "unsealed",
                        "the source database takes sealed connections only; write sslMode=verify-full and"
                                + " serverSslCert=/path/of/its/authorities.pem into its address",
                        failure));
            }
        }
        return Optional.empty();
    }

    /** What to tell of a certificate that does not fit. */
    static ConnectorException refusal(CertificateFault fault, Throwable cause) {
        String what = fault == CertificateFault.SIGNER
                ? "is not one that its address trusts; compare it with the file in sslrootcert or serverSslCert"
                : fault.text() + "; " + fault.remedy();
        return new ConnectorException(
                ConnectorException.Kind.UNEXPECTED,
                fault.code(),
                "the certificate of the source database " + what,
                cause);
    }
}
