package io.verillm.network.beacon;

import java.math.BigInteger;
import java.util.HexFormat;
import java.util.Optional;
import org.bouncycastle.crypto.bls.BLS12_381G1;
import org.bouncycastle.crypto.bls.BLS12_381G2Point;
import org.bouncycastle.crypto.bls.BLS12_381Pairing;
import org.bouncycastle.crypto.bls.BLS12_381Serialization;
import org.bouncycastle.crypto.bls.BLS12_381SubgroupCheck;
import org.bouncycastle.crypto.bls.Fp12Element;
import org.bouncycastle.crypto.hash2curve.HashToCurveProfile;
import org.bouncycastle.crypto.hash2curve.HashToEllipticCurve;
import org.bouncycastle.math.ec.ECAlgorithms;
import org.bouncycastle.math.ec.ECCurve;
import org.bouncycastle.math.ec.ECPoint;

/** Plain Java through BouncyCastle's pairing; always there, and the slower one. */
public final class BouncyCastleVerifier implements BlsVerifier {
  /**
   * The standard generator of G2, compressed; section 4.2.1 of the pairing-friendly curves draft.
   */
  private static final byte[] GENERATOR =
      HexFormat.of()
          .parseHex(
              "93e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049"
                  + "334cf11213945d57e5ac7d055d042b7e024aa2b2f08f0a91260805272dc51051"
                  + "c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8");

  private static final BigInteger FOUR = BigInteger.valueOf(4);

  private final ECCurve curve = BLS12_381G1.createCurve();
  private final BLS12_381G2Point generator = BLS12_381Serialization.decompressG2(GENERATOR);

  /** Makes a verifier. */
  public BouncyCastleVerifier() {}

  @Override
  public String name() {
    return "bouncycastle";
  }

  @Override
  public boolean verify(byte[] key, byte[] message, byte[] signature) {
    if (!BlsVerifier.isWellFormed(key, signature)) {
      return false;
    }
    Optional<ECPoint> point = signaturePoint(signature);
    if (point.isEmpty()) {
      return false;
    }
    BLS12_381G2Point keyPoint;
    try {
      keyPoint = BLS12_381Serialization.decompressG2(key);
    } catch (IllegalArgumentException e) {
      return false; // not the encoding of a curve point, which the library says by this exception
    }
    if (keyPoint.isInfinity() || !BLS12_381SubgroupCheck.isInG2Subgroup(keyPoint)) {
      return false;
    }
    // e(signature, generator) = e(H(message), key), as one product.
    ECPoint hashed = hash(message).negate();
    Fp12Element product =
        BLS12_381Pairing.multiPair(
            new ECPoint[] {point.get(), hashed}, new BLS12_381G2Point[] {generator, keyPoint});
    return product.equals(Fp12Element.ONE);
  }

  /**
   * A point of the subgroup from its compressed encoding. The library's own decoder ends in a null
   * pointer on points of small order, so this one walks the encoding itself: three flag bits, x,
   * and the sign of y; y is (x³ + 4)^((p + 1) / 4), as p is 3 modulo 4.
   */
  private Optional<ECPoint> signaturePoint(byte[] encoded) {
    byte[] bytes = encoded.clone();
    boolean larger = (bytes[0] & 0x20) != 0;
    bytes[0] &= 0x1F;
    BigInteger prime = BLS12_381G1.Q;
    BigInteger x = new BigInteger(1, bytes);
    if (x.compareTo(prime) >= 0) {
      return Optional.empty();
    }
    BigInteger square = x.modPow(BigInteger.valueOf(3), prime).add(FOUR).mod(prime);
    BigInteger y = square.modPow(prime.add(BigInteger.ONE).shiftRight(2), prime);
    if (!y.multiply(y).mod(prime).equals(square)) {
      return Optional.empty();
    }
    if (y.compareTo(prime.shiftRight(1)) > 0 != larger) {
      y = prime.subtract(y);
    }
    ECPoint point = curve.createPoint(x, y);
    // The curve's own multiplier supposes a point of the subgroup, which is what is asked here.
    return ECAlgorithms.referenceMultiply(point, BLS12_381G1.ORDER).isInfinity()
        ? Optional.of(point)
        : Optional.empty();
  }

  /** The message's point in G1, on this verifier's own curve object. */
  private ECPoint hash(byte[] message) {
    // The library's hasher has state, so every call makes its own.
    ECPoint point =
        HashToEllipticCurve.getInstance(HashToCurveProfile.BLS12_381_G1_XMD_SHA_256_SSWU_RO, SUITE)
            .hashToCurve(message)
            .normalize();
    BigInteger x = point.getAffineXCoord().toBigInteger();
    BigInteger y = point.getAffineYCoord().toBigInteger();
    return curve.createPoint(x, y);
  }
}
