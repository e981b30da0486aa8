package io.verillm.tensorcommit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.tensorcommit.TensorCommitmentScheme.Claim;
import io.verillm.tensorcommit.TensorCommitmentScheme.OpenRequest;
import io.verillm.tensorcommit.curve.CurveBackends;
import io.verillm.tensorcommit.vector.EthereumSetup;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Schemes by name, and regions as people write them. */
class TensorSchemesTest {
  /** Two who know name and shape only understand each other. */
  @ParameterizedTest
  @ValueSource(
      strings = {"merkle", "kzg", "terkle-kzg", "terkle-grid", "multivariate", "multilinear"})
  void of_everyName_verifiesWhatAnotherInstanceOpened(String name) {
    Shape shape = Shape.of(3, 4, 5);
    byte[] bytes = new byte[120];
    new Random(2).nextBytes(bytes);
    TensorView tensor = TensorView.of(DType.I16, shape, ByteBuffer.wrap(bytes));
    TensorCommitmentScheme prover =
        TensorSchemes.of(name, shape, CurveBackends.best(), EthereumSetup::get);
    TensorCommitmentScheme verifier =
        TensorSchemes.of(name, shape, CurveBackends.best(), EthereumSetup::get);
    assertThat(prover.name()).isEqualTo(name);
    CommittedTensor committed = prover.commit(tensor, TensorStatement.NONE);
    Region region = Region.parse("1,:2,4", shape);
    TensorOpening opening =
        prover.open(List.of(new OpenRequest(committed, region)), TensorStatement.NONE);
    TensorVerdict verdict =
        verifier.verify(
            List.of(new Claim(committed.root(), region)), TensorStatement.NONE, opening);
    assertThat(verdict.outcome()).isEqualTo(TensorOutcome.VERIFIED);
    assertThat(verdict.insecureSetup())
        .isEqualTo(TensorSchemes.NAMES.indexOf(name) >= TensorSchemes.NAMES.size() - 3);
  }

  @Test
  void of_unknownName_isRefusedWithTheKnownOnes() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> TensorSchemes.of("kgz", Shape.of(2), CurveBackends.best(), EthereumSetup::get))
        .withMessageContaining("terkle-kzg");
  }

  @Test
  void arity_ofEveryRank_fitsTheCellsAndIsNearlyEven() {
    for (int cells : new int[] {256, 1024, 4096}) {
      for (int rank = 1; rank <= 8; rank++) {
        long[] dimensions = new long[rank];
        Arrays.fill(dimensions, 3);
        int[] arity = TensorSchemes.arity(Shape.of(dimensions), cells);
        long product = Arrays.stream(arity).asLongStream().reduce(1, (a, b) -> a * b);
        assertThat(product).isLessThanOrEqualTo(cells).isGreaterThan(cells / 2);
        assertThat(Arrays.stream(arity).max().orElseThrow())
            .isLessThanOrEqualTo(1 + Arrays.stream(arity).min().orElseThrow());
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "1,2,3; [1, 2, 3]",
        "':,:,:'; [0:3, 0:4, 0:5]",
        "1:,:2,4; [1:3, 0:2, 4]",
        "' 0 , 1:3 , :1 '; [0, 1:3, 0]"
      })
  void parse_region_isWhatPeopleWrite(String text, String region) {
    assertThat(Region.parse(text, Shape.of(3, 4, 5))).hasToString(region);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "1,2",
        "1,2,3,4",
        "1,2,5",
        "1,2,3:3",
        "1,2,4:3",
        "-1,2,3",
        "a,2,3",
        "1,2,3:6",
        "1,,3",
        "1,2,99999999999",
        "1,2,1:2:3"
      })
  void parse_whatIsNoRegion_isRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Region.parse(text, Shape.of(3, 4, 5)));
  }
}
