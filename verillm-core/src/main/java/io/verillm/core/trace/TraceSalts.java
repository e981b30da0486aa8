package io.verillm.core.trace;

import io.verillm.core.wire.Hkdf;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Objects;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The salts of a trace's leaves: an AES-256-CTR keystream (NIST SP 800-38A) whose key is
 * HKDF-SHA-256 of the job secret with the trace id as salt.
 *
 * <p>Leaf {@code l} of position {@code p} has the global number {@code g = p · leavesPerToken + l},
 * and its salt is keystream block {@code g}: the AES encryption of {@code g} as a 16-byte
 * big-endian number. Any salt can be revealed alone, and one tells nothing about another. Exact; a
 * session for one thread.
 */
public final class TraceSalts {
  private static final byte[] INFO = "verillm trace salts v1".getBytes(StandardCharsets.US_ASCII);

  private final SecretKeySpec key;
  private final Cipher cipher;
  private long nextBlock = -1;
  private byte[] zeros = new byte[0];

  /** Derives the key of one trace. */
  public TraceSalts(JobSecret secret, TraceId id) {
    byte[] derived = Hkdf.derive(secret.toByteArray(), id.digest().toByteArray(), INFO, 32);
    this.key = new SecretKeySpec(derived, "AES");
    Arrays.fill(derived, (byte) 0);
    try {
      this.cipher = Cipher.getInstance("AES/CTR/NoPadding");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform in use provides AES in CTR mode", e);
    }
  }

  /**
   * Writes the salts of consecutive leaves. Going on where the last call ended costs no new key
   * schedule.
   *
   * @param firstLeaf global number of the first leaf, at least 0
   * @param count number of salts of {@link ChunkLeaf#SALT_BYTES} bytes each
   */
  public void fill(long firstLeaf, int count, byte[] target, int offset) {
    if (firstLeaf < 0 || count < 0) {
      throw new IllegalArgumentException(count + " salts from leaf " + firstLeaf);
    }
    int length = Math.multiplyExact(count, ChunkLeaf.SALT_BYTES);
    Objects.checkFromIndexSize(offset, length, target.length);
    if (count == 0) {
      return;
    }
    try {
      if (firstLeaf != nextBlock) {
        nextBlock = -1;
        cipher.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(counter(firstLeaf)));
      }
      // Encrypting in place would make the cipher copy its input each time.
      if (zeros.length < length) {
        zeros = new byte[length];
      }
      int written = cipher.update(zeros, 0, length, target, offset);
      if (written != length) {
        throw new IllegalStateException("the cipher held back " + (length - written) + " bytes");
      }
      nextBlock = firstLeaf + count;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-256-CTR failed", e);
    }
  }

  /** The salt of one leaf. */
  public byte[] salt(long leaf) {
    byte[] salt = new byte[ChunkLeaf.SALT_BYTES];
    fill(leaf, 1, salt, 0);
    return salt;
  }

  private static byte[] counter(long block) {
    byte[] counter = new byte[16];
    for (int i = 0; i < 8; i++) {
      counter[15 - i] = (byte) (block >>> (8 * i));
    }
    return counter;
  }
}
