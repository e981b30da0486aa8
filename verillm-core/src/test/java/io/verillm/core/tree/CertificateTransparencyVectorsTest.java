package io.verillm.core.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.core.wire.Digest32;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The eight-leaf tree of the certificate-transparency reference implementation (its Merkle tree
 * tests: leaf inputs, roots at every size, four inclusion paths, three consistency proofs).
 */
class CertificateTransparencyVectorsTest {
  private static final String[] INPUTS = {
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f"
  };
  private static final String[] ROOTS = {
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
  };
  private static final String LEAF_0 =
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
  private static final String LEAF_1 =
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
  private static final String NODE_2_3 =
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
  private static final String NODE_4_7 =
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";
  private static final String LEAF_4 =
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
  private static final String NODE_4_5 =
      "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";
  private static final String NODE_6_7 =
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";

  private final MerkleTree tree =
      MerkleTree.of(
          Arrays.stream(INPUTS).map(hex -> MerkleHash.leaf(HexFormat.of().parseHex(hex))).toList());

  @Test
  void root_everySize_isThePublishedOne() {
    MerkleFrontier frontier = new MerkleFrontier();
    for (int n = 1; n <= 8; n++) {
      frontier.append(tree.leafHash(n - 1));
      assertThat(tree.root(n)).isEqualTo(Digest32.parse(ROOTS[n - 1]));
      assertThat(frontier.root()).isEqualTo(Digest32.parse(ROOTS[n - 1]));
    }
  }

  @Test
  void root_noLeaves_isTheHashOfNothing() {
    // RFC 6962 section 2.1: the hash of an empty list is the hash of an empty string.
    Digest32 empty =
        Digest32.parse("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assertThat(MerkleHash.emptyRoot()).isEqualTo(empty);
    assertThat(new MerkleTree().root()).isEqualTo(empty);
    assertThat(new MerkleFrontier().root()).isEqualTo(empty);
  }

  @Test
  void inclusion_publishedCases_giveThePublishedPaths() {
    assertThat(tree.inclusion(0, 1).path()).isEmpty();
    assertThat(tree.inclusion(0, 8).path()).isEqualTo(list(LEAF_1, NODE_2_3, NODE_4_7));
    assertThat(tree.inclusion(5, 8).path()).isEqualTo(list(LEAF_4, NODE_6_7, ROOTS[3]));
    assertThat(tree.inclusion(2, 3).path()).isEqualTo(list(ROOTS[1]));
    assertThat(tree.inclusion(1, 5).path()).isEqualTo(list(LEAF_0, NODE_2_3, LEAF_4));
  }

  @Test
  void consistency_publishedCases_giveThePublishedProofs() {
    assertThat(tree.consistency(1, 1).path()).isEmpty();
    assertThat(tree.consistency(1, 8).path()).isEqualTo(list(LEAF_1, NODE_2_3, NODE_4_7));
    assertThat(tree.consistency(6, 8).path()).isEqualTo(list(NODE_4_5, NODE_6_7, ROOTS[3]));
    assertThat(tree.consistency(2, 5).path()).isEqualTo(list(NODE_2_3, LEAF_4));
  }

  private static List<Digest32> list(String... hex) {
    return Arrays.stream(hex).map(Digest32::parse).toList();
  }
}
