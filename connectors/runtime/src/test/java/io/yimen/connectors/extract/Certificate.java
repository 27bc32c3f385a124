package io.yimen.connectors.extract;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A certificate for 127.0.0.1 and localhost that signs itself, with its key, as a server wants them. */
final class Certificate {
    static final String CHAIN = "server.crt";
    static final String KEY = "server.key";
    private static final String PASSWORD = "certificate";
    private static final String ALIAS = "server";

    private Certificate() {}

    static void write(Path folder) throws IOException, InterruptedException, GeneralSecurityException {
        Path store = folder.resolve("server.p12");
        keytool(store, ALIAS, "127.0.0.1", "-ext", "SAN=IP:127.0.0.1,DNS:localhost", "-validity", "2");
        export(store, ALIAS, folder);
    }

    /**
     * An authority, {@value #CHAIN} of the folder, and certificates that it has signed, each in a folder of its name:
     * {@code good} and {@code expired} for localhost, {@code other} for another host.
     */
    static void issue(Path folder) throws IOException, InterruptedException, GeneralSecurityException {
        Path store = folder.resolve("server.p12");
        keytool(store, ALIAS, "Authority", "-ext", "bc:c", "-validity", "9", "-startdate", "-8d");
        export(store, ALIAS, folder);
        for (String name : List.of("good", "expired", "other")) {
            boolean other = name.equals("other");
            keytool(
                    store,
                    name,
                    name,
                    "-signer",
                    ALIAS,
                    "-ext",
                    "SAN=DNS:" + (other ? "elsewhere.example" : "localhost"),
                    "-startdate",
                    "-3d",
                    "-validity",
                    name.equals("expired") ? "2" : "6");
            export(store, name, Files.createDirectories(folder.resolve(name)));
        }
    }

    /** What a server of this machine needs to show one of the {@link #issue issued} certificates. */
    static SSLContext server(Path folder, String name) throws IOException, GeneralSecurityException {
        KeyStore all = load(folder.resolve("server.p12"));
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        char[] password = PASSWORD.toCharArray();
        own.setKeyEntry(name, all.getKey(name, password), password, all.getCertificateChain(name));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    private static void keytool(Path store, String alias, String name, String... more)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-alias",
                alias,
                "-dname",
                "CN=" + name,
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD));
        command.addAll(List.of(more));
        Path log = store.resolveSibling("keytool.log");
        Process keytool = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (keytool.waitFor() != 0) {
            throw new IOException(Files.readString(log));
        }
    }

    private static KeyStore load(Path store) throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        return keys;
    }

    private static void export(Path store, String alias, Path folder) throws IOException, GeneralSecurityException {
        KeyStore keys = load(store);
        pem(folder.resolve(CHAIN), "CERTIFICATE", keys.getCertificate(alias).getEncoded());
        pem(
                folder.resolve(KEY),
                "PRIVATE KEY",
                keys.getKey(alias, PASSWORD.toCharArray()).getEncoded());
    }

    private static void pem(Path file, String what, byte[] bytes) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        Files.writeString(
                file,
                "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n",
                StandardCharsets.US_ASCII);
    }
}
