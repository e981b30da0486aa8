package io.verillm.core.wire;

import com.google.errorprone.annotations.CheckReturnValue;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The verifiable random function ECVRF-EDWARDS25519-SHA512-TAI of RFC 9381: one key gives one
 * output for each input, and whoever has the proof can check it.
 *
 * <p>Verification validates the key fully (section 5.4.5: canonical, on the curve, not of small
 * order), so that even a key made with bad intent has one output per input. It does not prove that
 * the key's holder chose the input freely or showed every proof it made.
 *
 * <p>Timing: verification and the hashing of the input to the curve take a time that depends on
 * public values. What touches the secret scalar and the nonce (three point multiplications and one
 * scalar product) follows one fixed sequence of operations and addresses without branches on them;
 * the virtual machine gives no guarantee beyond that. Thread-safe.
 */
public final class Ecvrf {
  /** Length of a proof in bytes: a point, a challenge of 16 bytes, a scalar. */
  public static final int PROOF_LENGTH = 80;

  /** Length of an output in bytes. */
  public static final int OUTPUT_LENGTH = 64;

  private static final byte SUITE = 3;
  private static final byte[] BACK = {0};
  private static final int CHALLENGE_LENGTH = 16;

  private Ecvrf() {}

  /** A decoded proof. */
  private static final class Proof {
    final EdwardsPoint gamma;
    final byte[] challenge;
    final byte[] scalar;

    Proof(EdwardsPoint gamma, byte[] challenge, byte[] scalar) {
      this.gamma = gamma;
      this.challenge = challenge;
      this.scalar = scalar;
    }
  }

  /** Makes the proof for {@code alpha}; deterministic, 80 bytes. Source: section 5.1. */
  public static byte[] prove(SigningKey key, byte[] alpha) {
    byte[] secret = key.secretScalar();
    EdwardsPoint input = hashToCurve(key.verifyingKey(), alpha);
    byte[] inputBytes = input.encode();
    byte[] gamma = input.timesSecret(secret).encode();
    byte[] nonce = nonce(key, inputBytes);
    byte[] challenge =
        challenge(
            key.verifyingKey().toByteArray(),
            inputBytes,
            gamma,
            EdwardsPoint.basePoint().timesSecret(nonce).encode(),
            input.timesSecret(nonce).encode());
    byte[] scalar = Scalar25519.multiplyAdd(challenge, secret, nonce);
    byte[] proof = Arrays.copyOf(gamma, PROOF_LENGTH);
    System.arraycopy(challenge, 0, proof, 32, CHALLENGE_LENGTH);
    System.arraycopy(scalar, 0, proof, 48, 32);
    return proof;
  }

  /**
   * Returns the output that belongs to {@code alpha} if the proof is right. Source: section 5.3.
   *
   * @return 64 bytes, or empty for anything that is not this key's proof for this input
   */
  @CheckReturnValue
  public static Optional<byte[]> verify(VerifyingKey key, byte[] alpha, byte[] proof) {
    Proof decoded = decode(proof);
    if (decoded == null) {
      return Optional.empty();
    }
    EdwardsPoint input = hashToCurve(key, alpha);
    // U = sB − cY, V = sH − c Gamma
    EdwardsPoint u =
        EdwardsPoint.sumVar(
            EdwardsPoint.Term.ofBaseVar(decoded.scalar),
            EdwardsPoint.Term.ofVar(decoded.challenge, key.point().negated()));
    EdwardsPoint v =
        EdwardsPoint.sumVar(
            EdwardsPoint.Term.ofVar(decoded.scalar, input),
            EdwardsPoint.Term.ofVar(decoded.challenge, decoded.gamma.negated()));
    byte[] expected =
        challenge(
            key.toByteArray(),
            input.encode(),
            Arrays.copyOf(proof, 32), // decoding accepts canonical bytes only
            u.encode(),
            v.encode());
    return Arrays.equals(expected, decoded.challenge)
        ? Optional.of(output(decoded.gamma))
        : Optional.empty();
  }

  /**
   * Returns the output of a proof that the caller made or has verified; it checks nothing but the
   * encoding. Source: section 5.2.
   *
   * @return 64 bytes
   * @throws IllegalArgumentException if these bytes cannot be a proof
   */
  public static byte[] proofToHash(byte[] proof) {
    Proof decoded = decode(proof);
    if (decoded == null) {
      throw new IllegalArgumentException("not the encoding of a proof");
    }
    return output(decoded.gamma);
  }

  /** Section 5.4.4. */
  private static @Nullable Proof decode(byte[] proof) {
    if (proof.length != PROOF_LENGTH) {
      return null;
    }
    EdwardsPoint gamma = EdwardsPoint.decodeVar(Arrays.copyOf(proof, 32));
    byte[] scalar = Arrays.copyOfRange(proof, 48, 80);
    if (gamma == null || !Scalar25519.isCanonical(scalar)) {
      return null;
    }
    return new Proof(gamma, Arrays.copyOfRange(proof, 32, 48), scalar);
  }

  private static byte[] output(EdwardsPoint gamma) {
    return VerifyingKey.sha512(new byte[] {SUITE, 3}, gamma.timesCofactor().encode(), BACK);
  }

  /** Try and increment, section 5.4.1.1, with the key as salt. */
  static EdwardsPoint hashToCurve(VerifyingKey key, byte[] alpha) {
    byte[] front = {SUITE, 1};
    byte[] salt = key.toByteArray();
    for (int counter = 0; counter < 256; counter++) {
      byte[] hash = VerifyingKey.sha512(front, salt, alpha, new byte[] {(byte) counter}, BACK);
      EdwardsPoint candidate = EdwardsPoint.decodeVar(Arrays.copyOf(hash, 32));
      if (candidate != null) {
        EdwardsPoint point = candidate.timesCofactor();
        if (!point.isIdentityVar()) {
          return point;
        }
      }
    }
    throw new IllegalStateException("256 hashes without a curve point: probability 2^-256");
  }

  /** Section 5.4.2.2. */
  static byte[] nonce(SigningKey key, byte[] inputBytes) {
    return Scalar25519.reduce(VerifyingKey.sha512(key.noncePrefix(), inputBytes));
  }

  /** Section 5.4.3. */
  private static byte[] challenge(byte[]... points) {
    byte[] joined = new byte[32 * points.length];
    for (int i = 0; i < points.length; i++) {
      System.arraycopy(points[i], 0, joined, 32 * i, 32);
    }
    return Arrays.copyOf(
        VerifyingKey.sha512(new byte[] {SUITE, 2}, joined, BACK), CHALLENGE_LENGTH);
  }
}
