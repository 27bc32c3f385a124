package io.yimen.pool.seal;

import io.yimen.pool.PoolException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Seals sensitive values with AES-256-GCM and makes the keyed digests by which they are found.
 *
 * <p>The nonce is derived from the value (HMAC-SHA-256 under a key of its own): the same value seals to the same text,
 * so that claims can be compared without opening them. What that gives away, and no more: that two records hold the
 * same value. The three keys are derived from one master key by HKDF.
 *
 * <p>Thread-safe. {@code toString} shows nothing.
 */
public final class Vault {
    private static final String PREFIX = "enc1:";
    private static final int KEY = 32;
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;
    private static final Set<PosixFilePermission> OWNER_ONLY =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private final SecretKeySpec sealKey;
    private final ThreadLocal<Mac> nonceMac;
    private final ThreadLocal<Mac> digestMac;
    private final ThreadLocal<Cipher> cipher;
    /** Sealed texts and what they say in clear; null where nothing is remembered. */
    private final @Nullable Map<String, String> known;

    private Vault(byte[] master) {
        if (master.length != KEY) {
            throw new PoolException(PoolException.Kind.CONFIGURATION, "The vault's key has 32 bytes");
        }
        byte[] root = hmac(new SecretKeySpec("yimen vault".getBytes(StandardCharsets.UTF_8), "HmacSHA256"), master);
        this.sealKey = new SecretKeySpec(expand(root, "seal"), "AES");
        SecretKeySpec nonceKey = new SecretKeySpec(expand(root, "nonce"), "HmacSHA256");
        SecretKeySpec digestKey = new SecretKeySpec(expand(root, "digest"), "HmacSHA256");
        this.nonceMac = ThreadLocal.withInitial(() -> newMac(nonceKey));
        this.digestMac = ThreadLocal.withInitial(() -> newMac(digestKey));
        this.cipher = ThreadLocal.withInitial(Vault::newCipher);
        this.known = null;
    }

    private Vault(Vault same, Map<String, String> known) {
        this.sealKey = same.sealKey;
        this.nonceMac = same.nonceMac;
        this.digestMac = same.digestMac;
        this.cipher = same.cipher;
        this.known = known;
    }

    /** A vault under a master key of 32 bytes. */
    public static Vault of(byte[] master) {
        return new Vault(master.clone());
    }

    /**
     * Opens the vault with the key in {@code file}: 64 hexadecimal digits, readable by its owner alone.
     *
     * @throws PoolException {@code CONFIGURATION} if the file is missing, too open, or not a key
     */
    public static Vault load(Path file) {
        try {
            if (Files.getFileStore(file).supportsFileAttributeView("posix")
                    && !OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
                throw new PoolException(
                        PoolException.Kind.CONFIGURATION,
                        "The key file " + file + " is open to others: chmod 600 " + file);
            }
            return new Vault(HexFormat.of().parseHex(Files.readString(file).strip()));
        } catch (IOException e) {
            throw new PoolException(
                    PoolException.Kind.CONFIGURATION, "The key file " + file + " cannot be read: give one", e);
        } catch (IllegalArgumentException e) {
            throw new PoolException(
                    PoolException.Kind.CONFIGURATION, "The key file " + file + " does not hold 64 hexadecimal digits");
        }
    }

    /** As {@link #load}; a missing file is created with a new random key, readable by its owner alone. */
    public static Vault loadOrCreate(Path file) {
        if (!Files.exists(file)) {
            byte[] key = new byte[KEY];
            new SecureRandom().nextBytes(key);
            try {
                Path parent = file.toAbsolutePath().getParent();
                if (parent != null) {
                    Files.createDirectories(parent);
                }
                if (Files.getFileStore(parent == null ? file : parent).supportsFileAttributeView("posix")) {
                    Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
                } else {
                    Files.createFile(file);
                }
                Files.writeString(file, HexFormat.of().formatHex(key) + "\n", StandardOpenOption.WRITE);
            } catch (FileAlreadyExistsException e) {
                return load(file);
            } catch (IOException e) {
                throw new PoolException(
                        PoolException.Kind.CONFIGURATION, "The key file " + file + " cannot be written", e);
            }
        }
        return load(file);
    }

    /**
     * The same vault for one piece of work: it remembers every text that it seals or opens, so that none is opened
     * twice. To be dropped with the work, for it holds texts in clear.
     */
    public Vault remembering() {
        return new Vault(this, new ConcurrentHashMap<>());
    }

    /** Seals a text; equal texts seal to equal texts. */
    public String seal(String clear) {
        String sealed = PREFIX
                + Base64.getUrlEncoder().withoutPadding().encodeToString(seal(clear.getBytes(StandardCharsets.UTF_8)));
        if (known != null) {
            known.put(sealed, clear);
        }
        return sealed;
    }

    /**
     * Opens what {@link #seal(String)} sealed.
     *
     * @throws PoolException {@code CONFIGURATION} if it was sealed under another key, {@code INVALID} if it is none
     */
    public String open(String sealed) {
        String clear = known == null ? null : known.get(sealed);
        if (clear == null) {
            clear = decipher(sealed);
            if (known != null) {
                known.put(sealed, clear);
            }
        }
        return clear;
    }

    private String decipher(String sealed) {
        if (!isSealed(sealed)) {
            throw new PoolException(PoolException.Kind.INVALID, "Asked to open a value that is not sealed");
        }
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(sealed.substring(PREFIX.length()));
        } catch (IllegalArgumentException e) {
            throw new PoolException(PoolException.Kind.INVALID, "A sealed value is damaged");
        }
        return new String(open(bytes), StandardCharsets.UTF_8);
    }

    /** Whether a text has the form of a sealed value. */
    public static boolean isSealed(String text) {
        return text.startsWith(PREFIX);
    }

    /** Seals bytes: nonce, ciphertext, tag. */
    public byte[] seal(byte[] clear) {
        byte[] nonce = Arrays.copyOf(mac(nonceMac).doFinal(clear), NONCE);
        try {
            Cipher aes = encryptor(nonce);
            byte[] sealed = Arrays.copyOf(nonce, NONCE + aes.getOutputSize(clear.length));
            aes.doFinal(clear, 0, clear.length, sealed, NONCE);
            return sealed;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM failed to seal", e);
        }
    }

    private Cipher encryptor(byte[] nonce) throws GeneralSecurityException {
        GCMParameterSpec spec = new GCMParameterSpec(TAG_BITS, nonce);
        try {
            Cipher aes = cipher.get();
            aes.init(Cipher.ENCRYPT_MODE, sealKey, spec);
            return aes;
        } catch (InvalidAlgorithmParameterException e) {
            // The JDK's cipher refuses the nonce that it used last. Here the same nonce means the same value, so that
            // nothing is given away; a fresh cipher does not remember.
            cipher.remove();
            Cipher aes = cipher.get();
            aes.init(Cipher.ENCRYPT_MODE, sealKey, spec);
            return aes;
        }
    }

    /** Opens what {@link #seal(byte[])} sealed. */
    public byte[] open(byte[] sealed) {
        if (sealed.length < NONCE + TAG_BITS / 8) {
            throw new PoolException(PoolException.Kind.INVALID, "A sealed value is damaged");
        }
        try {
            Cipher aes = cipher.get();
            aes.init(Cipher.DECRYPT_MODE, sealKey, new GCMParameterSpec(TAG_BITS, sealed, 0, NONCE));
            return aes.doFinal(sealed, NONCE, sealed.length - NONCE);
        } catch (AEADBadTagException e) {
            throw new PoolException(
                    PoolException.Kind.CONFIGURATION,
                    "A value was sealed under another key: give the vault the key that this pool was filled with");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM failed to open", e);
        }
    }

    /** The keyed digest of an identifier's value, by which sensitive values are looked up. */
    public String digest(String name, String value) {
        Mac mac = mac(digestMac);
        mac.update(name.getBytes(StandardCharsets.UTF_8));
        mac.update((byte) 0);
        byte[] full = mac.doFinal(value.getBytes(StandardCharsets.UTF_8));
        return "mac1:" + Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(full, 24));
    }

    @Override
    public String toString() {
        return "Vault";
    }

    private static Mac mac(ThreadLocal<Mac> macs) {
        Mac mac = macs.get();
        mac.reset();
        return mac;
    }

    private static byte[] expand(byte[] root, String purpose) {
        // HKDF with one block of output: T(1) = HMAC(root, info | 0x01)
        byte[] info = purpose.getBytes(StandardCharsets.UTF_8);
        byte[] block = Arrays.copyOf(info, info.length + 1);
        block[info.length] = 1;
        return hmac(new SecretKeySpec(root, "HmacSHA256"), block);
    }

    private static byte[] hmac(SecretKeySpec key, byte[] data) {
        return newMac(key).doFinal(data);
    }

    private static Mac newMac(SecretKeySpec key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HMAC-SHA-256 is part of every JDK", e);
        }
    }

    private static Cipher newCipher() {
        try {
            return Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is part of every JDK", e);
        }
    }
}
