package io.verillm.tensorcommit.vector;

import io.verillm.tensorcommit.curve.CurveBackend;
import io.verillm.tensorcommit.curve.Fr;
import io.verillm.tensorcommit.curve.FrVector;
import io.verillm.tensorcommit.curve.G1Point;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * The multiplicative subgroup of order n = 2^k of the scalar field and the transforms over it. Cell
 * i of a vector belongs to the root with the reversed index, as in EIP-4844. Immutable.
 */
final class RootsOfUnity {
  private final int size;
  private final FrVector natural; // w^0 .. w^(n-1)

  private RootsOfUnity(int size, FrVector natural) {
    this.size = size;
    this.natural = natural;
  }

  static RootsOfUnity of(int size) {
    Fr root = Fr.of(7).power(Fr.MODULUS.subtract(BigInteger.ONE).divide(BigInteger.valueOf(size)));
    FrVector natural = new FrVector(size);
    Fr power = Fr.ONE;
    for (int i = 0; i < size; i++) {
      natural.set(i, power);
      power = power.multiply(root);
    }
    return new RootsOfUnity(size, natural);
  }

  int size() {
    return size;
  }

  /** w^exponent, for an exponent of 0 to n − 1. */
  Fr power(int exponent) {
    return natural.get(exponent);
  }

  FrVector powers() {
    return natural;
  }

  /** The bits of an index in reverse order. */
  static int reverse(int index, int size) {
    return size == 1 ? 0 : Integer.reverse(index) >>> (32 - Integer.numberOfTrailingZeros(size));
  }

  /** Coefficients of the polynomial with these values at w^0, w^1 and so on. */
  FrVector interpolate(FrVector values) {
    FrVector out = new FrVector(size);
    for (int i = 0; i < size; i++) {
      out.set(reverse(i, size), values.get(i));
    }
    for (int half = 1; half < size; half *= 2) {
      int step = size / (2 * half);
      for (int start = 0; start < size; start += 2 * half) {
        for (int k = 0; k < half; k++) {
          Fr twiddle = natural.get((size - k * step) % size); // inverse transform
          Fr low = out.get(start + k);
          Fr high = out.get(start + k + half).multiply(twiddle);
          out.set(start + k, low.add(high));
          out.set(start + k + half, low.subtract(high));
        }
      }
    }
    Fr scale = Fr.of(size).invert();
    for (int i = 0; i < size; i++) {
      out.multiply(i, scale);
    }
    return out;
  }

  /** Lagrange points from powers: the same transform on points, natural order. */
  List<G1Point> interpolatePoints(List<G1Point> powers, CurveBackend curve) {
    List<G1Point> out = new ArrayList<>(powers);
    for (int i = 0; i < size; i++) {
      out.set(reverse(i, size), powers.get(i));
    }
    for (int half = 1; half < size; half *= 2) {
      int step = size / (2 * half);
      for (int start = 0; start < size; start += 2 * half) {
        for (int k = 0; k < half; k++) {
          Fr twiddle = natural.get((size - k * step) % size);
          G1Point low = out.get(start + k);
          G1Point high = out.get(start + k + half);
          G1Point product = k == 0 ? high : curve.multiply(high, twiddle);
          out.set(start + k, curve.add(low, product));
          out.set(start + k + half, curve.add(low, curve.negate(product)));
        }
      }
    }
    Fr scale = Fr.of(size).invert();
    out.replaceAll(point -> curve.multiply(point, scale));
    return out;
  }
}
