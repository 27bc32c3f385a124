package io.yimen.connectors.extract;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is wrong with the certificate that a server shows. */
enum CertificateFault {
    TIME("certificate-expired", "is out of date: its time is over, or has not begun", "ask its owner for a new one"),
    NAME(
            "certificate-name",
            "is for another name than the one in the address",
            "write the server's own name into the address, or ask its owner for a certificate with this one"),
    SIGNER("certificate", "is signed by nobody who is trusted", "ask its owner who signs for it");

    private final String code;
    private final String text;
    private final String remedy;

    CertificateFault(String code, String text, String remedy) {
        this.code = code;
        this.text = text;
        this.remedy = remedy;
    }

    /** Stable code of the error. */
    String code() {
        return code;
    }

    /** What is wrong, to be read after "the certificate of …". */
    String text() {
        return text;
    }

    /** What to do about it. */
    String remedy() {
        return remedy;
    }

    /** Why a handshake failed, if that was because of the certificate; by kinds of exceptions, never by their texts. */
    static Optional<CertificateFault> find(Throwable failure) {
        CertificateFault found = null;
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateExpiredException || cause instanceof CertificateNotYetValidException) {
                return Optional.of(TIME);
            }
            if (cause.getClass() == CertificateException.class && found == null) {
                // Whoever compares names knows no closer kind; a path that was not found comes with its own.
                found = NAME;
            } else if (cause instanceof CertificateException
                    || cause instanceof CertPathBuilderException
                    || cause instanceof CertPathValidatorException) {
                found = SIGNER;
            }
        }
        return Optional.ofNullable(found);
    }
}
