package io.verillm.tensorcommit.curve;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Vectors of EIP-2537 (ethereum/EIPs, assets/eip-2537), without their 16 bytes of padding. */
class Eip2537Test {
  private static final G1Point G1 = G1Point.GENERATOR;
  private static final G1Point P1 =
      point(
          "112b98340eee2777cc3c14163dea3ec97977ac3dc5c70da32e6e87578f44912e902ccef9efe28d4a78b8999dfbca9426",
          "186b28d92356c4dfec4b5201ad099dbdede3781f8998ddf929b4cd7756192185ca7b8f4ef7088f813270ac3d48868a21");

  private static G1Point point(String x, String y) {
    return G1Point.ofTrusted(HexFormat.of().parseHex(x + y));
  }

  @ParameterizedTest
  @ValueSource(strings = {"java", "blst-jni", "blst"})
  void vectors_additionAndSums_agree(String backend) {
    CurveBackend curve = CurveBackends.require(backend);
    // bls_g1add_g1+p1 and its mirror
    G1Point sum =
        point(
            "0a40300ce2dec9888b60690e9a41d3004fda4886854573974fab73b046d3147ba5b7a5bde85279ffede1b45b3918d82d",
            "06d3d887e9f53b9ec4eb6cedf5607226754b07c01ace7834f57f3e7315faefb739e59018e22c492006190fba4a870025");
    assertThat(curve.add(G1, P1)).isEqualTo(sum);
    assertThat(curve.add(P1, G1)).isEqualTo(sum);
    // bls_g1add_(p1-p1=0)
    assertThat(curve.add(P1, curve.negate(P1))).isEqualTo(G1Point.INFINITY);
    // bls_g1add_(p1+p1=2*p1), bls_g1msm_(p1+p1=2*p1)
    G1Point twice =
        point(
            "15222cddbabdd764c4bee0b3720322a65ff4712c86fc4b1588d0c209210a0884fa9468e855d261c483091b2bf7de6a63",
            "09f9edb99bc3b75d7489735c98b16ab78b9386c5f7a1f76c7e96ac6eb5bbde30dbca31a74ec6e0f0b12229eecea33c39");
    assertThat(curve.add(P1, P1)).isEqualTo(twice);
    assertThat(curve.msm(List.of(P1), Scalars.ofLongs(new long[] {2}))).isEqualTo(twice);
    // bls_g1msm_(2g1+2p1), bls_g1msm_(0*p1=inf), bls_g1msm_(x*inf=inf)
    assertThat(curve.msm(List.of(G1, P1), Scalars.ofLongs(new long[] {2, 2})))
        .isEqualTo(
            point(
                "148f92dced907361b4782ab542a75281d4b6f71f65c8abf94a5a9082388c64662d30fd6a01ced724feef3e284752038c",
                "15c3634c3b67bc18e19150e12bfd8a1769306ed010f59be645a0823acb5b38f39e8e0d86e59b6353fdafc59ca971b769"));
    assertThat(curve.msm(List.of(P1), Scalars.ofLongs(new long[] {0}))).isEqualTo(G1Point.INFINITY);
    assertThat(curve.msm(List.of(G1Point.INFINITY), Scalars.ofLongs(new long[] {17})))
        .isEqualTo(G1Point.INFINITY);
  }

  /** bls_g1msm_random*p1_unnormalized_scalar: the EIP reduces, here the caller must have. */
  @ParameterizedTest
  @ValueSource(strings = {"java", "blst-jni", "blst"})
  void vectors_scalarAboveTheOrder_isReducedByFr(String backend) {
    Fr scalar =
        Fr.reduce(
            new BigInteger("9a2b64cc58f8992cb21237914262ca9ada6cb13dc7b7d3f11c278fe0462040e4", 16));
    assertThat(CurveBackends.require(backend).multiply(P1, scalar))
        .isEqualTo(
            point(
                "06ee9c9331228753bcb148d0ca8623447701bb0aa6eafb0340aa7f81543923474e00f2a225de65c62dd1d8303270220c",
                "18dd7be47eb4e80985d7a0d2cc96c8b004250b36a5c3ec0217705d453d3ecc6d0d3d1588722da51b40728baba1e93804"));
  }
}
