package io.verillm.core.wire;

import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * An Ed25519 private key: the 32-byte seed of RFC 8032 section 5.1.5. Immutable and thread-safe.
 *
 * <p>{@link #toString} shows the public half only. Keys are compared by identity; compare {@link
 * #verifyingKey} instead. The seed stays in the heap until it is collected.
 */
public final class SigningKey {
  /** Length of a seed in bytes. */
  public static final int SEED_LENGTH = 32;

  private final byte[] seed;
  private final VerifyingKey verifyingKey;

  private SigningKey(byte[] owned) {
    this.seed = owned;
    byte[] publicKey = new byte[VerifyingKey.LENGTH];
    Ed25519.generatePublicKey(seed, 0, publicKey, 0);
    try {
      this.verifyingKey = VerifyingKey.decode(publicKey);
    } catch (MalformedMessageException e) {
      throw new IllegalStateException("a derived key is always a valid one", e);
    }
  }

  /** Draws a new key. */
  public static SigningKey generate(SecureRandom random) {
    byte[] seed = new byte[SEED_LENGTH];
    random.nextBytes(seed);
    return new SigningKey(seed);
  }

  /**
   * Takes a key from its seed.
   *
   * @throws IllegalArgumentException if {@code seed} is not 32 bytes long
   */
  public static SigningKey fromSeed(byte[] seed) {
    if (seed.length != SEED_LENGTH) {
      throw new IllegalArgumentException("a seed needs 32 bytes, got " + seed.length);
    }
    return new SigningKey(seed.clone());
  }

  /** The public half. */
  public VerifyingKey verifyingKey() {
    return verifyingKey;
  }

  /** Signs a message; deterministic, 64 bytes. Source: RFC 8032 section 5.1.6. */
  public byte[] sign(byte[] message) {
    byte[] signature = new byte[VerifyingKey.SIGNATURE_LENGTH];
    Ed25519.sign(seed, 0, verifyingKey.toByteArray(), 0, message, 0, message.length, signature, 0);
    return signature;
  }

  /** Returns a copy of the seed, which is the secret itself. */
  public byte[] seed() {
    return seed.clone();
  }

  /** The lower half of SHA-512(seed), clamped; RFC 8032 section 5.1.5 steps 1 and 2. */
  byte[] secretScalar() {
    byte[] scalar = Arrays.copyOf(VerifyingKey.sha512(seed), 32);
    scalar[0] &= (byte) 0xF8;
    scalar[31] &= 0x7F;
    scalar[31] |= 0x40;
    return scalar;
  }

  /** The upper half of SHA-512(seed), from which nonces are derived. */
  byte[] noncePrefix() {
    return Arrays.copyOfRange(VerifyingKey.sha512(seed), 32, 64);
  }

  @Override
  public String toString() {
    return "SigningKey[public " + verifyingKey.shortHex() + "…]";
  }
}
