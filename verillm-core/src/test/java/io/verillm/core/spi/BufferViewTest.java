package io.verillm.core.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BufferViewTest {
  @Test
  void ofHost_stridedRows_areSlicesFromThePosition() {
    ByteBuffer bytes = ByteBuffer.wrap(new byte[] {9, 1, 2, 0, 3, 4, 0, 5, 6}).position(1);
    BufferView view = BufferView.ofHost(bytes, 3, 2, 3);
    assertThat(view.kind()).isEqualTo(BufferView.Kind.HOST_HEAP);
    assertThat(view.row(1)).isEqualTo(ByteBuffer.wrap(new byte[] {3, 4}));
    assertThat(view.row(2)).isEqualTo(ByteBuffer.wrap(new byte[] {5, 6}));
    assertThat(view.row(0).isReadOnly()).isTrue();
    assertThat(view.owner()).isSameAs(bytes);
    assertThat(bytes.position()).isEqualTo(1);
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> view.row(3));
    assertThatIllegalStateException().isThrownBy(view::address);
    assertThatIllegalStateException().isThrownBy(view::stream);
  }

  @Test
  void ofHost_directBuffer_isDirect() {
    assertThat(BufferView.ofHost(ByteBuffer.allocateDirect(8), 2, 4).kind())
        .isEqualTo(BufferView.Kind.HOST_DIRECT);
  }

  @Test
  void ofDevice_rows_haveAnAddressAndNoBytes() {
    Object owner = new Object();
    BufferView view = BufferView.ofDevice(-4096, 1L << 40, 1000, 8, 1 << 20, 7, owner);
    assertThat(view.address()).isEqualTo(-4096); // addresses are unsigned
    assertThat(view.stream()).isEqualTo(7);
    assertThat(view.rowStride()).isEqualTo(1 << 20);
    assertThat(view.owner()).isSameAs(owner);
    assertThatIllegalStateException().isThrownBy(() -> view.row(0));
  }

  @ParameterizedTest
  @CsvSource({
    "10, -1, 2, 2",
    "10, 1, 0, 2",
    "10, 1, -2, 2",
    "10, 2, 4, 3",
    "10, 3, 4, 4",
    "10, 2, 4, 7",
    "10, 1, 11, 11",
    "10, 2147483647, 1, 9223372036854775807"
  })
  void ofAny_rowsThatDoNotFit_areRefused(int length, int rows, int rowBytes, long stride) {
    assertThatExceptionOfType(RuntimeException.class)
        .isThrownBy(() -> BufferView.ofHost(ByteBuffer.allocate(length), rows, rowBytes, stride))
        .isInstanceOfAny(IllegalArgumentException.class, ArithmeticException.class);
    assertThatExceptionOfType(RuntimeException.class)
        .isThrownBy(() -> BufferView.ofDevice(64, length, rows, rowBytes, stride, 0, this))
        .isInstanceOfAny(IllegalArgumentException.class, ArithmeticException.class);
  }

  @Test
  void ofHost_denseRowsThatLeaveBytes_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BufferView.ofHost(ByteBuffer.allocate(9), 2, 4));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BufferView.ofDevice(0, 8, 2, 4, 4, 0, this));
  }
}
