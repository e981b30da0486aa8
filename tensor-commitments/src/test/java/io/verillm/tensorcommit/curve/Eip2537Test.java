package io.verillm.tensorcommit.curve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.verillm.core.wire.MalformedMessageException;
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

  private static final G1Point P1_PLUS_G1 =
      point(
          "0a40300ce2dec9888b60690e9a41d3004fda4886854573974fab73b046d3147ba5b7a5bde85279ffede1b45b3918d82d",
          "06d3d887e9f53b9ec4eb6cedf5607226754b07c01ace7834f57f3e7315faefb739e59018e22c492006190fba4a870025");

  private static final G2Point G2 =
      point(
          "024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8",
          "13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e",
          "0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b82801",
          "0606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be");
  private static final G2Point MINUS_G2 =
      point(
          "024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8",
          "13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e",
          "0d1b3cc2c7027888be51d9ef691d77bcb679afda66c73f17f9ee3837a55024f78c71363275a75d75d86bab79f74782aa",
          "13fa4d4a0ad8b1ce186ed5061789213d993923066dddaf1040bc3ff59f825c78df74f2d75467e25e0f55f8a00fa030ed");
  private static final G2Point P2 =
      point(
          "103121a2ceaae586d240843a398967325f8eb5a93e8fea99b62b9f88d8556c80dd726a4b30e84a36eeabaf3592937f27",
          "086b990f3da2aeac0a36143b7d7c824428215140db1bb859338764cb58458f081d92664f9053b50b3fbd2e4723121b68",
          "0f9e7ba9a86a8f7624aa2b42dcc8772e1af4ae115685e60abc2c9b90242167acef3d0be4050bf935eed7c3b6fc7ba77e",
          "0d22c3652d0dc6f0fc9316e14268477c2049ef772e852108d269d9c38dba1d4802e8dae479818184c08f9a569d878451");
  private static final G2Point MINUS_P2 =
      point(
          "103121a2ceaae586d240843a398967325f8eb5a93e8fea99b62b9f88d8556c80dd726a4b30e84a36eeabaf3592937f27",
          "086b990f3da2aeac0a36143b7d7c824428215140db1bb859338764cb58458f081d92664f9053b50b3fbd2e4723121b68",
          "0a6296409115572426717c73668335a949829d739cff2cb4ab043710d28f8e772f6ef41aac4806c9cb273c490384032d",
          "0cde4e850c721fa94e8890d500e3655b442d5c0dc4fff1b694c6f8dd68f6d8dc1bc3251a37d27e7af96f65a96278265a");
  private static final G2Point TWICE_G2 =
      point(
          "1638533957d540a9d2370f17cc7ed5863bc0b995b8825e0ee1ea1e1e4d00dbae81f14b0bf3611b78c952aacab827a053",
          "0a4edef9c1ed7f729f520e47730a124fd70662a904ba1074728114d1031e1572c6c886f6b57ec72a6178288c47c33577",
          "0468fb440d82b0630aeb8dca2b5256789a66da69bf91009cbfe6bd221e47aa8ae88dece9764bf3bd999d95d71e4c9899",
          "0f6d4552fa65dd2638b361543f887136a43253d9c66c411697003f7a13c308f5422e1aa0a59c8967acdefd8b6e36ccf3");
  private static final G2Point TWICE_P2 =
      point(
          "0b76fcbb604082a4f2d19858a7befd6053fa181c5119a612dfec83832537f644e02454f2b70d40985ebb08042d1620d4",
          "19a4a02c0ae51365d964c73be7babb719db1c69e0ddbf9a8a335b5bed3b0a4b070d2d5df01d2da4a3f1e56aae2ec106d",
          "0d18322f821ac72d3ca92f92b000483cf5b7d9e5d06873a44071c4e7e81efd904f210208fe0b9b4824f01c65bc7e6208",
          "04e563d53609a2d1e216aaaee5fbc14ef460160db8d1fdc5e1bd4e8b54cd2f39abf6f925969fa405efb9e700b01c7085");
  private static final G2Point G2_PLUS_P2 =
      point(
          "0b54a8a7b08bd6827ed9a797de216b8c9057b3a9ca93e2f88e7f04f19accc42da90d883632b9ca4dc38d013f71ede4db",
          "077eba4eecf0bd764dce8ed5f45040dd8f3b3427cb35230509482c14651713282946306247866dfe39a8e33016fcbe52",
          "14e60a76a29ef85cbd69f251b9f29147b67cfe3ed2823d3f9776b3a0efd2731941d47436dc6d2b58d9e65f8438bad073",
          "1586c3c910d95754fef7a732df78e279c3d37431c6a2b77e67a00c7c130a8fcd4d19f159cbeb997a178108fffffcbd20");
  private static final G2Point INFINITY_2 = infinity();

  private static G2Point infinity() {
    byte[] affine = new byte[G2Point.AFFINE_BYTES];
    affine[0] = 0x40;
    return G2Point.ofTrusted(affine);
  }

  /** In the EIP's order, which is not that of the usual encoding. */
  private static G2Point point(String x0, String x1, String y0, String y1) {
    return G2Point.ofTrusted(HexFormat.of().parseHex(x1 + x0 + y1 + y0));
  }

  private static G1Point point(String x, String y) {
    return G1Point.ofTrusted(HexFormat.of().parseHex(x + y));
  }

  @ParameterizedTest
  @ValueSource(strings = {"java", "blst-jni", "blst"})
  void vectors_additionAndSums_agree(String backend) {
    CurveBackend curve = CurveBackends.require(backend);
    // bls_g1add_g1+p1 and its mirror
    assertThat(curve.add(G1, P1)).isEqualTo(P1_PLUS_G1);
    assertThat(curve.add(P1, G1)).isEqualTo(P1_PLUS_G1);
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

  /** bls_g2mul_*. */
  @ParameterizedTest
  @ValueSource(strings = {"java", "blst-jni", "blst"})
  void vectors_multiplesInTheSecondGroup_agree(String backend) {
    CurveBackend curve = CurveBackends.require(backend);
    assertThat(G2).isEqualTo(G2Point.GENERATOR);
    assertThat(curve.multiply(G2, Fr.of(2))).isEqualTo(TWICE_G2);
    assertThat(curve.multiply(P2, Fr.of(2))).isEqualTo(TWICE_P2);
    assertThat(curve.multiply(G2, Fr.ONE)).isEqualTo(G2);
    assertThat(curve.multiply(P2, Fr.ONE)).isEqualTo(P2);
    assertThat(curve.multiply(G2, Fr.of(-1))).isEqualTo(MINUS_G2);
    assertThat(curve.multiply(P2, Fr.of(-1))).isEqualTo(MINUS_P2);
    assertThat(curve.multiply(G2, Fr.ZERO)).isEqualTo(INFINITY_2);
    assertThat(curve.multiply(P2, Fr.ZERO)).isEqualTo(INFINITY_2);
    assertThat(curve.multiply(INFINITY_2, Fr.of(17))).isEqualTo(INFINITY_2);
    // random*g2 and random*p2, with the scalar as it is and one order above
    G2Point ofG2 =
        point(
            "14856c22d8cdb2967c720e963eedc999e738373b14172f06fc915769d3cc5ab7ae0a1b9c38f48b5585fb09d4bd2733bb",
            "0c400b70f6f8cd35648f5c126cce5417f3be4d8eefbd42ceb4286a14df7e03135313fe5845e3a575faab3e8b949d2488",
            "149a0aacc34beba2beb2f2a19a440166e76e373194714f108e4ab1c3fd331e80f4e73e6b9ea65fe3ec96d7136de81544",
            "0e4622fef26bdb9b1e8ef6591a7cc99f5b73164500c1ee224b6a761e676b8799b09a3fd4fa7e242645cc1a34708285e4");
    G2Point ofP2 =
        point(
            "036074dcbbd0e987531bfe0e45ddfbe09fd015665990ee0c352e8e403fe6af971d8f42141970d9ab14b4dd04874409e6",
            "019705637f24ba2f398f32c3a3e20d6a1cd0fd63e6f8f071cf603a8334f255744927e7bfdfdb18519e019c49ff6e9145",
            "008e74fcff4c4278c9accfb60809ed69bbcbe3d6213ef2304e078d15ec7d6decb4f462b24b8e7cc38cc11b6f2c9e0486",
            "1331d40100f38c1070afd832445881b47cf4d63894666d9907c85ac66604aab5ad329980938cc3c167ccc5b6bc1b8f30");
    for (String hex :
        List.of(
            "263dbd792f5b1be47ed85f8938c0f29586af0d3ac7b977f21c278fe1462040e3",
            "9a2b64cc58f8992cb21237914262ca9ada6cb13dc7b7d3f11c278fe0462040e4")) {
      Fr scalar = Fr.reduce(new BigInteger(hex, 16));
      assertThat(curve.multiply(G2, scalar)).isEqualTo(ofG2);
      assertThat(curve.multiply(P2, scalar)).isEqualTo(ofP2);
    }
  }

  /** bls_pairing_*. */
  @ParameterizedTest
  @ValueSource(strings = {"java", "blst-jni", "blst"})
  void vectors_pairings_agree(String backend) {
    CurveBackend curve = CurveBackends.require(backend);
    G1Point zero = G1Point.INFINITY;
    assertThat(curve.pairingProductIsOne(List.of(zero), List.of(INFINITY_2))).isTrue();
    assertThat(curve.pairingProductIsOne(List.of(zero, zero), List.of(INFINITY_2, INFINITY_2)))
        .isTrue();
    assertThat(curve.pairingProductIsOne(List.of(zero), List.of(G2))).isTrue();
    assertThat(curve.pairingProductIsOne(List.of(G1), List.of(INFINITY_2))).isTrue();
    assertThat(curve.pairingProductIsOne(List.of(zero, G1), List.of(G2, MINUS_G2))).isFalse();
    assertThat(curve.pairingProductIsOne(List.of(G1, G1), List.of(INFINITY_2, MINUS_G2))).isFalse();
    assertThat(curve.pairingProductIsOne(List.of(G1, zero), List.of(INFINITY_2, G2))).isTrue();
    // non-degeneracy, bilinearity, e(G1,-G2)=e(-G1,G2)
    assertThat(curve.pairingProductIsOne(List.of(G1), List.of(G2))).isFalse();
    assertThat(curve.pairingProductIsOne(List.of(G1, P1, P1_PLUS_G1), List.of(G2, G2, MINUS_G2)))
        .isTrue();
    assertThat(curve.pairingProductIsOne(List.of(G1, G1), List.of(G2, MINUS_G2))).isTrue();
  }

  /** bls_g2add_*: no backend adds there, but pairings do. */
  @ParameterizedTest
  @ValueSource(strings = {"java", "blst-jni", "blst"})
  void vectors_sumsInTheSecondGroup_agreeUnderPairings(String backend) {
    CurveBackend curve = CurveBackends.require(backend);
    G1Point minus = curve.negate(P1);
    for (G2Point[] sum :
        new G2Point[][] {
          {G2, P2, G2_PLUS_P2},
          {P2, G2, G2_PLUS_P2},
          {G2, INFINITY_2, G2},
          {P2, INFINITY_2, P2},
          {G2, MINUS_G2, INFINITY_2},
          {P2, MINUS_P2, INFINITY_2},
          {G2, G2, TWICE_G2},
          {P2, P2, TWICE_P2}
        }) {
      assertThat(curve.pairingProductIsOne(List.of(P1, P1, minus), List.of(sum))).isTrue();
    }
    assertThat(curve.pairingProductIsOne(List.of(P1, P1, minus), List.of(G2, P2, TWICE_P2)))
        .isFalse();
  }

  /**
   * bls_pairing_e(G1_not_in_correct_subgroup,G2), bls_pairing_e(G1,G2_not_in_correct_subgroup),
   * bls_pairing_e(G1,G2_invalid_field_element): the failures that a compressed point can express.
   */
  @ParameterizedTest
  @ValueSource(strings = {"java", "blst-jni", "blst"})
  void vectors_failures_areRefused(String backend) {
    CurveBackend curve = CurveBackends.require(backend);
    G1Point outside =
        point(
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            "193fb7cedb32b2c3adc06ec11a96bc0d661869316f5e4a577a9f7c179593987beb4fb2ee424dbb2f5dd891e228b46c4a");
    G2Point outside2 =
        point(
            "197bfd0342bbc8bee2beced2f173e1a87be576379b343e93232d6cef98d84b1d696e5612ff283ce2cfdccb2cfb65fa0c",
            "184e811f55e6f9d84d77d2f79102fd7ea7422f4759df5bf7f6331d550245e3f1bcf6a30e3b29110d85e0ca16f9f6ae7a",
            "0f10e1eb3c1e53d2ad9cf2d398b2dc22c5842fab0a74b174f691a7e914975da3564d835cd7d2982815b8ac57f507348f",
            "0767d1c453890f1b9110fda82f5815c27281aba3f026ee868e4176a0654feea41a96575e0c4d58a14dbfbcc05b5010b1");
    G2Point large =
        point(
            "1c4bb49d2a0ef12b7123acdd7110bd292b5bc659edc54dc21b81de057194c79b2a5803255959bbef8e7f56c8c1216863",
            "13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e",
            "0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b82801",
            "0606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be");
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> curve.decodeG1(outside.encode(), "p"))
        .withMessageContaining("not in the subgroup");
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> curve.decodeG2(outside2.encode(), "p"))
        .withMessageContaining("not in the subgroup");
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> curve.decodeG2(large.encode(), "p"))
        .withMessageContaining("coordinate not below p");
  }
}
