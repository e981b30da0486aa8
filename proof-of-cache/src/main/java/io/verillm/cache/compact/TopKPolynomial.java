package io.verillm.cache.compact;

import io.verillm.core.wire.MalformedMessageException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.Optional;

/**
 * A polynomial through the k largest elements of a chunk of bfloat16 values: 2 + 2k bytes, whatever
 * the chunk's size. Source: TOPLOC (arXiv 2501.16007) and its library, version 0.1.6; the encoding
 * is that library's.
 *
 * <p>Where this differs from the library: the verifier reduces indices by the modulus in every
 * case, everything about an encoding is checked, and equal magnitudes are taken in the order of
 * their index. An encoding has many forms that evaluate alike, so it identifies nothing. It says
 * that somebody held values like these, not that they come from the model. Immutable.
 */
public final class TopKPolynomial {
  /** Largest modulus of indices, and the prime of the arithmetic. */
  public static final int PRIME = 65497;

  /** Most points. */
  public static final int MAX_POINTS = 4096;

  private final int modulus;
  private final int[] coefficients;

  private TopKPolynomial(int modulus, int[] coefficients) {
    this.modulus = modulus;
    this.coefficients = coefficients;
  }

  /**
   * Builds the polynomial of a chunk.
   *
   * @param bits bfloat16 patterns, row-major
   * @param k points, 1 to the chunk's length and at most {@value #MAX_POINTS}
   * @return nothing if no modulus keeps the indices apart
   */
  public static Optional<TopKPolynomial> build(short[] bits, int k) {
    int[] top = largest(bits, k);
    int modulus = modulus(top);
    if (modulus == 0) {
      return Optional.empty();
    }
    int[] x = new int[k];
    int[] y = new int[k];
    for (int i = 0; i < k; i++) {
      x[i] = top[i] % modulus;
      y[i] = (bits[top[i]] & 0xFFFF) % PRIME;
    }
    return Optional.of(new TopKPolynomial(modulus, interpolate(x, y)));
  }

  /** Indices of the k largest magnitudes, the lower index first among equals; NaN is largest. */
  static int[] largest(short[] bits, int k) {
    if (k < 1 || k > bits.length || k > MAX_POINTS) {
      throw new IllegalArgumentException(k + " of " + bits.length + " values");
    }
    long[] order = new long[bits.length];
    for (int i = 0; i < bits.length; i++) {
      order[i] = ((long) (0x7FFF - (bits[i] & 0x7FFF)) << 32) | i;
    }
    Arrays.sort(order);
    int[] top = new int[k];
    for (int i = 0; i < k; i++) {
      top[i] = (int) order[i];
    }
    return top;
  }

  /** The largest modulus up to {@value #PRIME} under which the indices differ, or 0. */
  static int modulus(int[] indices) {
    for (int modulus = PRIME; modulus >= indices.length; modulus--) {
      BitSet seen = new BitSet(modulus);
      boolean distinct = true;
      for (int i = 0; i < indices.length && distinct; i++) {
        distinct = !seen.get(indices[i] % modulus);
        seen.set(indices[i] % modulus);
      }
      if (distinct) {
        return modulus;
      }
    }
    return 0;
  }

  /** Newton's divided differences modulo the prime, expanded to ascending coefficients. */
  static int[] interpolate(int[] x, int[] y) {
    int k = x.length;
    long[] divided = new long[k];
    for (int i = 0; i < k; i++) {
      divided[i] = y[i];
    }
    for (int level = 1; level < k; level++) {
      for (int i = k - 1; i >= level; i--) {
        long difference = Math.floorMod(divided[i] - divided[i - 1], (long) PRIME);
        long distance = Math.floorMod((long) x[i] - x[i - level], (long) PRIME);
        divided[i] = difference * inverse(distance) % PRIME;
      }
    }
    int[] coefficients = new int[k];
    for (int i = k - 1; i >= 0; i--) {
      // coefficients · (X − x[i]) + divided[i]
      for (int j = k - 1; j >= 0; j--) {
        long shifted = j == 0 ? divided[i] : coefficients[j - 1];
        long value = shifted - (long) coefficients[j] * (x[i] % PRIME);
        coefficients[j] = (int) Math.floorMod(value, (long) PRIME);
      }
    }
    return coefficients;
  }

  /** By Fermat: value^(p − 2). */
  private static long inverse(long value) {
    long result = 1;
    long power = value;
    for (int e = PRIME - 2; e > 0; e >>= 1) {
      if ((e & 1) == 1) {
        result = result * power % PRIME;
      }
      power = power * power % PRIME;
    }
    return result;
  }

  /** Number of points. */
  public int points() {
    return coefficients.length;
  }

  /** The modulus of the indices. */
  public int modulus() {
    return modulus;
  }

  /** The value at a point. */
  int at(int x) {
    long value = 0;
    for (int i = coefficients.length - 1; i >= 0; i--) {
      value = (value * x + coefficients[i]) % PRIME;
    }
    return (int) value;
  }

  /**
   * How the verifier's chunk differs.
   *
   * @param exponentMismatches of the verifier's k largest elements, those with another exponent
   * @param signMismatches those with the same exponent and another sign, which TOPLOC does not
   *     count
   * @param mantissaMean mean difference of the mantissas, 0 to 127, where the exponents agree;
   *     {@link Double#POSITIVE_INFINITY} if they nowhere do
   */
  public record Comparison(int exponentMismatches, int signMismatches, double mantissaMean) {
    /** TOPLOC's published rule for bfloat16 and 128 points. */
    public boolean publishedRuleAccepts() {
      return exponentMismatches <= 38 && mantissaMean <= 10;
    }
  }

  /**
   * Compares with a verifier's own chunk.
   *
   * @param bits bfloat16 patterns of the same shape
   */
  public Comparison compare(short[] bits) {
    int exponents = 0;
    int signs = 0;
    long mantissas = 0;
    for (int index : largest(bits, points())) {
      int claimed = at(index % modulus);
      int own = bits[index] & 0xFFFF;
      if ((claimed >>> 7 & 0xFF) != (own >>> 7 & 0xFF)) {
        exponents++;
        continue;
      }
      signs += claimed >>> 15 == own >>> 15 ? 0 : 1;
      mantissas += Math.abs((claimed & 0x7F) - (own & 0x7F));
    }
    int agreeing = points() - exponents;
    return new Comparison(
        exponents, signs, agreeing == 0 ? Double.POSITIVE_INFINITY : mantissas / (double) agreeing);
  }

  /** Returns modulus and ascending coefficients, 16 bits big-endian each. */
  public byte[] encode() {
    ByteBuffer out = ByteBuffer.allocate(2 + 2 * coefficients.length);
    out.putShort((short) modulus);
    for (int c : coefficients) {
      out.putShort((short) c);
    }
    return out.array();
  }

  /**
   * Reads an encoding.
   *
   * @param points how many points it must have
   * @throws MalformedMessageException if the length is another, the modulus is out of range (0
   *     marks the library's null proof, which is no evidence), or a coefficient is not reduced
   */
  public static TopKPolynomial decode(byte[] bytes, int points) throws MalformedMessageException {
    if (points < 1 || points > MAX_POINTS) {
      throw new IllegalArgumentException(points + " points");
    }
    if (bytes.length != 2 + 2 * points) {
      throw new MalformedMessageException(
          "polynomial", 0, bytes.length + " bytes, " + points + " points need " + (2 + 2 * points));
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    int modulus = in.getShort() & 0xFFFF;
    if (modulus < points || modulus > PRIME) {
      throw new MalformedMessageException("polynomial.modulus", 0, modulus + " is out of range");
    }
    int[] coefficients = new int[points];
    for (int i = 0; i < points; i++) {
      coefficients[i] = in.getShort() & 0xFFFF;
      if (coefficients[i] >= PRIME) {
        throw new MalformedMessageException(
            "polynomial.coefficient", 2L + 2L * i, coefficients[i] + " is not reduced");
      }
    }
    return new TopKPolynomial(modulus, coefficients);
  }

  /** The encoding in Base64, as the library prints it. */
  public String toBase64() {
    return Base64.getEncoder().encodeToString(encode());
  }
}
