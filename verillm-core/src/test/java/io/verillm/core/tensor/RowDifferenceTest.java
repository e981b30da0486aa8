package io.verillm.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RowDifferenceTest {
  private static TensorView words(DType dtype, int... bits) {
    ByteBuffer bytes =
        ByteBuffer.allocate(bits.length * dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (int word : bits) {
      if (dtype.bytes() == 4) {
        bytes.putInt(word);
      } else {
        bytes.putShort((short) word);
      }
    }
    return TensorView.of(dtype, Shape.of(bits.length), bytes.flip());
  }

  @Test
  void compare_bfloat16ByHand_countsEachKind() {
    //               equal   1 step  sign    exponent, 1 step  −0/+0   NaN=NaN  inf/1   129 steps
    int[] claimed = {0x3F80, 0x3F80, 0x3F80, 0x3F7F, 0x0000, 0x7FC0, 0x7F80, 0x3F80};
    int[] rerun = {0x3F80, 0x3F81, 0xBF80, 0x3F80, 0x8000, 0x7FC0, 0x3F80, 0x4001};
    RowDifference difference =
        RowDifference.compare(words(DType.BF16, claimed), words(DType.BF16, rerun));
    assertThat(difference.elements()).isEqualTo(8);
    assertThat(difference.unequal()).isEqualTo(6);
    assertThat(difference.signs()).isEqualTo(2);
    assertThat(difference.exponents()).isEqualTo(3);
    assertThat(difference.nonFinite()).isEqualTo(2);
    assertThat(difference.histogram(0)).isEqualTo(1);
    assertThat(difference.histogram(1)).isEqualTo(2);
    assertThat(difference.histogram(9)).isEqualTo(1); // 129..256
    assertThat(difference.beyondBucket(0)).isEqualTo(3);
    assertThat(difference.beyondBucket(8)).isEqualTo(1);
    assertThat(difference.beyondBucket(9)).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 1",
    "2, 2",
    "3, 3",
    "4, 3",
    "5, 4",
    "8, 4",
    "9, 5",
    "32767, 16",
    "2147483647, 32"
  })
  void bucket_distances_fallBetweenPowersOfTwo(int distance, int bucket) {
    assertThat(RowDifference.bucket(distance)).isEqualTo(bucket);
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"BF16", "F16", "F32"})
  void compare_everyLengthAndOffset_equalsTheDefinition(DType dtype) {
    Random random = new Random(dtype.code());
    for (int length = 0; length <= 200; length++) {
      for (int rate : new int[] {0, 1, 30, 100}) {
        assertSame(dtype, random, length, random.nextInt(17), random.nextInt(17), rate, true);
        assertSame(dtype, random, length, random.nextInt(17), random.nextInt(17), rate, false);
      }
    }
    for (int length : new int[] {2047, 2048, 2049, 4096 + 63, 10_000}) {
      assertSame(dtype, random, length, 1, 2, 1, true);
    }
  }

  /** Around one, four, 15 and 60 blocks of both sizes, where sums are emptied. */
  @ParameterizedTest
  @ValueSource(
      ints = {535, 536, 537, 540, 2144, 2145, 8040, 8041, 32_163, 33_151, 33_152, 33_153, 126_400})
  void compare_lengthsAroundBlocks_equalsTheDefinition(int length) {
    Random random = new Random(length);
    for (DType dtype : new DType[] {DType.BF16, DType.F16}) {
      for (int percent : new int[] {0, 1, 100}) {
        assertSame(dtype, random, length, 2, 0, percent, false);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 255, 32_767, 0x4001, 0x7F81, 40_503, 65_535})
  void compare_allPatternsAgainstAllPatterns_equalsTheDefinition(int odd) {
    int[] left = new int[1 << 18];
    int[] right = new int[left.length];
    for (int i = 0; i < left.length; i++) {
      left[i] = i & 0xFFFF;
      right[i] = (i * odd + (i >> 16) * 0x2B) & 0xFFFF;
    }
    for (DType dtype : new DType[] {DType.BF16, DType.F16}) {
      TensorView claimed = words(dtype, left);
      TensorView rerun = words(dtype, right);
      RowDifference defined = RowDifference.defineCompare(claimed, rerun);
      assertThat(RowDifference.compare(claimed, rerun)).isEqualTo(defined);
      assertThat(RowDifference.compare(rerun, claimed)).isEqualTo(defined);
    }
  }

  /** No count overflows into its neighbour where every pair is counted by it. */
  @ParameterizedTest
  @CsvSource({
    "0x0000, 0x7BFF", // the longest distance of finite halves: every bucket is exceeded
    "0x0000, 0x0001",
    "0x0000, 0x8000",
    "0x7C00, 0xFFFF",
    "0xFFFF, 0xFFFF",
    "0x0001, 0x4001",
    "0x0001, 0x4002"
  })
  void compare_onePairThroughout_equalsTheDefinition(String left, String right) {
    for (int length : new int[] {4000, 33_152 * 4 + 1}) {
      int[] claimed = new int[length];
      int[] rerun = new int[length];
      Arrays.fill(claimed, Integer.decode(left));
      Arrays.fill(rerun, Integer.decode(right));
      for (DType dtype : new DType[] {DType.BF16, DType.F16}) {
        assertThat(RowDifference.compare(words(dtype, claimed), words(dtype, rerun)))
            .isEqualTo(RowDifference.defineCompare(words(dtype, claimed), words(dtype, rerun)));
      }
    }
  }

  /** Equal and unequal blocks, and non-finite pairs in both, in one row. */
  @Property(tries = 100)
  void compare_anyMixtureOfBlocks_equalsTheDefinition(@ForAll long seed) {
    Random random = new Random(seed);
    int[] left = new int[random.nextInt(50_000)];
    int[] right = new int[left.length];
    boolean differs = false;
    for (int i = 0; i < left.length; i++) {
      if (random.nextInt(1500) == 0) {
        differs = !differs;
      }
      left[i] = random.nextInt(1 << 16);
      right[i] = differs ? random.nextInt(1 << 16) : left[i];
    }
    for (DType dtype : new DType[] {DType.BF16, DType.F16}) {
      assertThat(RowDifference.compare(words(dtype, left), words(dtype, right)))
          .isEqualTo(RowDifference.defineCompare(words(dtype, left), words(dtype, right)));
    }
  }

  /**
   * @param percent share of elements that differ
   */
  private static void assertSame(
      DType dtype,
      Random random,
      int length,
      int leftOffset,
      int rightOffset,
      int percent,
      boolean direct) {
    int width = dtype.bytes();
    ByteBuffer left = buffer(leftOffset + length * width, direct);
    ByteBuffer right = buffer(rightOffset + length * width, direct);
    int[] edges = {0, 0x8000, 0x7F80, 0x7F7F, 0x7C00, 0x7BFF, 0xFFC0, 0x7E00, 1, 0x8001, 0xFF80};
    for (int i = 0; i < length; i++) {
      int x =
          random.nextInt(20) == 0 ? edges[random.nextInt(edges.length)] : random.nextInt(0x7000);
      int y = x;
      if (random.nextInt(100) < percent) {
        y =
            switch (random.nextInt(4)) {
              case 0 -> x + random.nextInt(5) - 2;
              case 1 -> x ^ 0x8000;
              case 2 -> edges[random.nextInt(edges.length)];
              default -> random.nextInt();
            };
      }
      if (width == 4) {
        left.putInt(leftOffset + i * 4, x << 16 | 5);
        right.putInt(rightOffset + i * 4, y << 16 | 5 + (x == y ? 0 : random.nextInt(3)));
      } else {
        left.putShort(leftOffset + i * 2, (short) x);
        right.putShort(rightOffset + i * 2, (short) y);
      }
    }
    TensorView claimed = TensorView.of(dtype, Shape.of(length), left.position(leftOffset));
    TensorView rerun = TensorView.of(dtype, Shape.of(length), right.position(rightOffset));
    RowDifference defined = RowDifference.defineCompare(claimed, rerun);
    assertThat(RowDifference.compare(claimed, rerun)).isEqualTo(defined);
    long[] histogram = new long[RowDifference.BUCKETS];
    for (int i = 0; i < histogram.length; i++) {
      histogram[i] = defined.histogram(i);
    }
    assertThat(
            RowDifference.ofCounts(
                defined.elements(),
                defined.unequal(),
                defined.signs(),
                defined.exponents(),
                defined.nonFinite(),
                histogram))
        .isEqualTo(defined);
  }

  private static ByteBuffer buffer(int bytes, boolean direct) {
    return (direct ? ByteBuffer.allocateDirect(bytes) : ByteBuffer.allocate(bytes))
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  @Test
  void compare_everyPairOfEqualPatterns_isUnequalNowhere() {
    int[] all = new int[1 << 16];
    for (int i = 0; i < all.length; i++) {
      all[i] = i;
    }
    for (DType dtype : new DType[] {DType.BF16, DType.F16}) {
      RowDifference difference = RowDifference.compare(words(dtype, all), words(dtype, all));
      assertThat(difference.unequal()).isZero();
      // one exponent field in 2^8 or 2^5 is all ones
      assertThat(difference.nonFinite()).isEqualTo(dtype == DType.BF16 ? 256 : 2048);
      assertThat(difference.histogram(0)).isEqualTo(65536 - difference.nonFinite());
    }
  }

  @Property(tries = 300)
  void plus_anySplit_equalsTheWhole(@ForAll int[] left, @ForAll long seed) {
    Random random = new Random(seed);
    int[] right = left.clone();
    for (int i = 0; i < right.length; i++) {
      right[i] += random.nextInt(3) - 1;
    }
    int cut = left.length == 0 ? 0 : random.nextInt(left.length);
    RowDifference whole = RowDifference.compare(words(DType.BF16, left), words(DType.BF16, right));
    RowDifference head =
        RowDifference.compare(
            words(DType.BF16, Arrays.copyOf(left, cut)),
            words(DType.BF16, Arrays.copyOf(right, cut)));
    RowDifference tail =
        RowDifference.compare(
            words(DType.BF16, Arrays.copyOfRange(left, cut, left.length)),
            words(DType.BF16, Arrays.copyOfRange(right, cut, left.length)));
    assertThat(head.plus(tail)).isEqualTo(whole);
    assertThat(tail.plus(head)).isEqualTo(whole);
    assertThat(RowDifference.none().plus(whole)).isEqualTo(whole);
  }

  @Test
  void compare_otherTypesOrShapes_isRefused() {
    TensorView row = words(DType.BF16, 1, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RowDifference.compare(row, words(DType.BF16, 1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RowDifference.compare(row, words(DType.F16, 1, 2)));
    TensorView integers = words(DType.I16, 1, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RowDifference.compare(integers, integers));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-1 0 0 0 0 0",
        "2 3 0 0 0 0",
        "2 1 2 0 0 1",
        "2 1 0 2 0 1",
        "2 0 0 0 3 0",
        "2 0 0 0 0 1",
        "2 0 0 0 0 3",
        "2 1 0 0 0 2",
        "2 0 0 0 -1 3",
        "2 0 0 0 0 -1",
        "3 1 0 0 0 1"
      })
  void ofCounts_contradictions_areRefused(String text) {
    long[] c = Arrays.stream(text.split(" ")).mapToLong(Long::parseLong).toArray();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RowDifference.ofCounts(c[0], c[1], c[2], c[3], c[4], new long[] {c[5]}));
  }
}
