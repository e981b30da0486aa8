package io.verillm.network.beacon;

import supranational.blst.BLST_ERROR;
import supranational.blst.P1_Affine;
import supranational.blst.P2_Affine;

/**
 * Native code through jblst. Loading this class fails where jblst is not on the class path or has
 * no library for the platform; {@link BlsVerifiers} looks.
 */
final class BlstVerifier implements BlsVerifier {
  @Override
  public String name() {
    return "blst";
  }

  @Override
  public boolean verify(byte[] key, byte[] message, byte[] signature) {
    if (!BlsVerifier.isWellFormed(key, signature)) {
      return false;
    }
    P1_Affine point;
    P2_Affine keyPoint;
    try {
      point = new P1_Affine(signature);
      keyPoint = new P2_Affine(key);
    } catch (RuntimeException e) {
      // The binding reports an encoding that is none by this exception and by no other means.
      if (e.getMessage() != null && e.getMessage().startsWith("BLST_")) {
        return false;
      }
      throw e;
    }
    return !point.is_inf()
        && !keyPoint.is_inf()
        && point.in_group()
        && keyPoint.in_group()
        && point.core_verify(keyPoint, true, message, SUITE) == BLST_ERROR.BLST_SUCCESS;
  }
}
