package io.yimen.connectors.drop;

import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.mapping.StreamMapping;
import io.yimen.connectors.rows.UnfitFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.config.keys.FilePasswordProvider;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.digest.BuiltinDigests;
import org.apache.sshd.common.keyprovider.KeyIdentityProvider;
import org.apache.sshd.common.util.io.resource.PathResource;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.sftp.client.SftpClient;
import org.apache.sshd.sftp.client.SftpClientFactory;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.common.SftpException;
import org.jspecify.annotations.Nullable;

/**
 * A folder of an SFTP server, over one connection. The server has to show the host key that the configuration names.
 * What is fetched lies in the work folder under a name made of its own name, size and time, so that fetching goes on
 * where it was cut off, and begins anew when the file is another one by then.
 */
public final class SftpFolder implements DropFolder {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int BLOCK = 1 << 15;
    private static final int MOST_FILES = 100_000;
    private static final int LONGEST_NAME = 255;
    private static final long LARGEST = 2L << 30;

    /**
     * Where it is and who may look.
     *
     * @param hostKey fingerprint, {@code SHA256:…}
     * @param password null where a key is used
     * @param keyFile null where a password is used
     * @param keyPassword null where the key is not encrypted
     */
    public record Access(
            String host,
            int port,
            String username,
            @Nullable String password,
            @Nullable Path keyFile,
            @Nullable String keyPassword,
            String hostKey) {
        @Override
        public String toString() {
            return username + " at " + host + ":" + port;
        }
    }

    private final String connector;
    private final String folder;
    private final Work work;
    private final SshClient client;
    private final SftpClient sftp;

    private SftpFolder(String connector, String folder, Work work, SshClient client, SftpClient sftp) {
        this.connector = connector;
        this.folder = folder;
        this.work = work;
        this.client = client;
        this.sftp = sftp;
    }

    /** Connects; throws if the server cannot be reached, is another one, or refuses. */
    public static SftpFolder connect(String connector, Access access, String folder, Work work) {
        SshClient client = SshClient.setUpDefaultClient();
        // Nothing of whoever runs the hub: no keys, no settings, no known hosts.
        client.setKeyIdentityProvider(KeyIdentityProvider.EMPTY_KEYS_PROVIDER);
        client.setHostConfigEntryResolver(HostConfigEntryResolver.EMPTY);
        CoreModuleProperties.IDLE_TIMEOUT.set(client, PATIENCE);
        // A block is asked for when the one before has come: a small packet that is kept back costs 40 ms each time.
        CoreModuleProperties.TCP_NODELAY.set(client, true);
        CoreModuleProperties.AUTH_TIMEOUT.set(client, PATIENCE);
        HostKey hostKey = new HostKey(access.hostKey());
        client.setServerKeyVerifier((session, address, key) -> hostKey.isThis(key));
        client.start();
        boolean connected = false;
        try {
            ClientSession session = client.connect(access.username(), access.host(), access.port())
                    .verify(PATIENCE)
                    .getSession();
            identify(session, access);
            authenticate(session, access, hostKey);
            SftpFolder opened = new SftpFolder(
                    connector,
                    folder,
                    work,
                    client,
                    SftpClientFactory.instance().createSftpClient(session));
            connected = true;
            return opened;
        } catch (IOException e) {
            throw cut(access.host() + ":" + access.port() + " does not answer", e);
        } finally {
            if (!connected) {
                client.stop();
            }
        }
    }

    private static void identify(ClientSession session, Access access) {
        if (access.password() != null) {
            session.addPasswordIdentity(access.password());
        }
        if (access.keyFile() != null) {
            keysIn(access.keyFile(), access.keyPassword(), session).forEach(session::addPublicKeyIdentity);
        }
    }

    private static List<KeyPair> keysIn(Path file, @Nullable String password, ClientSession session) {
        boolean[] asked = {false};
        // Asked for where the key is encrypted; nothing is tried twice.
        FilePasswordProvider provider = (context, resource, retry) -> {
            asked[0] = true;
            return password;
        };
        List<KeyPair> keys = new ArrayList<>();
        try (InputStream in = Files.newInputStream(file)) {
            Iterable<KeyPair> found =
                    SecurityUtils.loadKeyPairIdentities(session, new PathResource(file), in, provider);
            if (found != null) {
                found.forEach(keys::add);
            }
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            throw unexpected("key-file", "the private key " + file + " " + fault(asked[0], password), e);
        }
        if (keys.isEmpty()) {
            throw unexpected("key-file", "the private key " + file + " " + fault(asked[0], password), null);
        }
        return keys;
    }

    private static String fault(boolean encrypted, @Nullable String password) {
        if (!encrypted) {
            return "cannot be read; it is a file of the hub's user, as ssh-keygen writes it";
        }
        return password == null
                ? "is encrypted; give its password as keyPassword"
                : "is not opened by its keyPassword; correct it";
    }

    private static void authenticate(ClientSession session, Access access, HostKey hostKey) throws IOException {
        try {
            session.auth().verify(PATIENCE);
        } catch (IOException e) {
            String seen = hostKey.seen;
            if (seen == null) {
                throw e;
            }
            if (!seen.equals(hostKey.expected)) {
                throw unexpected(
                        "host-key",
                        access.host() + ":" + access.port() + " shows the host key " + seen + " and not "
                                + hostKey.expected + ", which the configuration names; ask the owner of the source"
                                + " whether it was changed before you take it over",
                        e);
            }
            if (session.isOpen() || isRefused(e)) {
                throw unexpected(
                        "refused",
                        access.host() + ":" + access.port() + " does not let " + access.username()
                                + " in; check its password or key in the configuration",
                        e);
            }
            throw e;
        }
    }

    private static boolean isRefused(IOException e) {
        return e instanceof org.apache.sshd.common.SshException ssh
                && ssh.getDisconnectCode()
                        == org.apache.sshd.common.SshConstants.SSH2_DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE;
    }

    /** The key that the server shows, and the one that it should. */
    private static final class HostKey {
        private final String expected;
        private volatile @Nullable String seen;

        HostKey(String expected) {
            this.expected = expected;
        }

        boolean isThis(PublicKey key) {
            String shown = KeyUtils.getFingerPrint(BuiltinDigests.sha256, key);
            seen = shown;
            return expected.equals(shown);
        }
    }

    @Override
    public List<Entry> list(Pattern names) {
        List<Entry> files = new ArrayList<>();
        // Batch by batch, for a server can go on for ever, with names or without.
        try (SftpClient.CloseableHandle handle = sftp.openDir(folder)) {
            int count = 0;
            for (List<SftpClient.DirEntry> some = sftp.readDir(handle); some != null; some = sftp.readDir(handle)) {
                count += Math.max(1, some.size());
                if (count > MOST_FILES) {
                    throw unexpected(
                            "folder",
                            "the folder of " + connector + " holds more than " + MOST_FILES + " files; have it cleared",
                            null);
                }
                for (SftpClient.DirEntry child : some) {
                    String name = child.getFilename();
                    if (name.length() > LONGEST_NAME) {
                        throw unexpected(
                                "folder",
                                "the folder of " + connector + " holds a name of more than " + LONGEST_NAME
                                        + " characters; have it cleared",
                                null);
                    }
                    if (names.matcher(name).matches()
                            && name.indexOf('/') < 0
                            && child.getAttributes().isRegularFile()) {
                        files.add(entry(name, child.getAttributes()));
                    }
                }
            }
        } catch (SftpException e) {
            throw LocalFolder.unreadable(connector, SftpConstants.getStatusName(e.getStatus()), e);
        } catch (IOException e) {
            throw cut("the folder of " + connector + " could not be listed", e);
        }
        files.sort(Comparator.comparing(Entry::name));
        Set<String> mine = new HashSet<>();
        files.forEach(f -> mine.addAll(List.of(stored(f), stored(f) + ".part")));
        work.keepOnly(mine);
        return files;
    }

    private static Entry entry(String name, SftpClient.Attributes attributes) {
        Instant modified = attributes.getModifyTime() == null
                ? Instant.EPOCH
                : attributes.getModifyTime().toInstant();
        return new Entry(name, attributes.getSize(), modified);
    }

    @Override
    public Optional<String> findNote(String name) {
        byte[] bytes = new byte[LONGEST_NOTE];
        try (SftpClient.CloseableHandle handle = sftp.open(remote(name), SftpClient.OpenMode.Read)) {
            int length = 0;
            for (int n; length < bytes.length; length += n) {
                n = sftp.read(handle, length, bytes, length, bytes.length - length);
                if (n < 0) {
                    break;
                }
            }
            return LocalFolder.text(java.util.Arrays.copyOf(bytes, length));
        } catch (SftpException e) {
            if (e.getStatus() == SftpConstants.SSH_FX_NO_SUCH_FILE) {
                return Optional.empty();
            }
            throw cut(name + " could not be read", e);
        } catch (IOException e) {
            throw cut(name + " could not be read", e);
        }
    }

    private String remote(String name) {
        return folder.endsWith("/") ? folder + name : folder + "/" + name;
    }

    /** Under what name a file lies in the work folder. */
    static String stored(Entry file) {
        String what = file.name() + "|" + file.size() + "|" + file.modified();
        return StreamMapping.digest(what.getBytes(StandardCharsets.UTF_8)).substring(StreamMapping.DIGEST.length());
    }

    @Override
    public Path fetch(Entry file, Runnable check) {
        if (file.size() < 0 || file.size() > LARGEST) {
            throw new UnfitFile(
                    "too-large",
                    "has more than " + (LARGEST >> 30) + " GiB, as its server says; have it sent in parts");
        }
        Path whole = work.place(stored(file));
        if (Files.isRegularFile(whole)) {
            return whole;
        }
        Path part = work.place(stored(file) + ".part");
        try (SftpClient.CloseableHandle handle = sftp.open(remote(file.name()), SftpClient.OpenMode.Read)) {
            long fetched = copy(handle, file, part, check);
            Entry after = entry(file.name(), sftp.stat(handle));
            if (!after.equals(file)) {
                throw unexpected(
                        "changed", file.name() + " was changed while it was fetched; it is fetched again", null);
            }
            if (fetched < file.size() || sftp.read(handle, file.size(), new byte[1], 0, 1) > 0) {
                throw unexpected(
                        "size",
                        file.name() + " does not end after the " + file.size()
                                + " bytes that its server says it has; ask the owner of the source",
                        null);
            }
        } catch (IOException e) {
            throw cut(file.name() + " could not be fetched to its end; fetching goes on there", e);
        }
        try {
            return Files.move(part, whole, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw work.full(e);
        }
    }

    /** How much of it there is now. */
    private long copy(SftpClient.CloseableHandle handle, Entry file, Path part, Runnable check) throws IOException {
        byte[] block = new byte[BLOCK];
        RandomAccessFile out;
        try {
            out = new RandomAccessFile(part.toFile(), "rw");
        } catch (IOException e) {
            throw work.full(e);
        }
        try (out) {
            long at = Math.min(out.length(), file.size());
            work.makeSure(file.size() - at);
            while (at < file.size()) {
                check.run();
                int n = sftp.read(handle, at, block, 0, (int) Math.min(BLOCK, file.size() - at));
                if (n <= 0) {
                    break;
                }
                try {
                    out.seek(at);
                    out.write(block, 0, n);
                } catch (IOException e) {
                    throw work.full(e);
                }
                at += n;
            }
            return at;
        }
    }

    private static ConnectorException cut(String what, Exception e) {
        return new ConnectorException(ConnectorException.Kind.UNREACHABLE, "sftp", what + "; trying again later", e);
    }

    private static ConnectorException unexpected(String code, String message, @Nullable Exception e) {
        return new ConnectorException(ConnectorException.Kind.UNEXPECTED, code, message, e);
    }

    @Override
    public void close() {
        try {
            sftp.close();
        } catch (IOException e) {
            // the connection is closed with it
        }
        client.stop();
    }
}
