package io.verillm.exec.torch;

import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.FloatTensors;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The three ways to compute, and how numbers enter and leave them. Immutable.
 *
 * <p>F32: everything in F32. Native BF16: tensors and products in BF16. Widened BF16: F32 tensors
 * that hold BF16 values, every result rounded. Norms in both BF16 ways are computed in F32 and
 * rounded once, and so are rotary embedding and attention.
 */
final class TorchNumbers {
  private enum Mode {
    F32("libtorch-fp32"),
    NATIVE("libtorch-bf16"),
    WIDENED("libtorch-bf16-fp32-products");

    private final String arithmetic;

    Mode(String arithmetic) {
      this.arithmetic = arithmetic;
    }
  }

  private final Mode mode;
  private final DType dtype;
  private final boolean onCpu;
  private final Device device;

  TorchNumbers(TorchSettings settings) {
    this.dtype = settings.dtype();
    this.onCpu = settings.onCpu();
    this.mode = dtype == DType.F32 ? Mode.F32 : isNative(settings) ? Mode.NATIVE : Mode.WIDENED;
    this.device = new Device(settings.device());
    device.retainReference();
  }

  private static boolean isNative(TorchSettings settings) {
    return switch (settings.products()) {
      case NATIVE -> true;
      case WIDENED -> false;
      case AUTOMATIC -> !settings.onCpu() || TorchRuntime.hasNativeBf16();
    };
  }

  String arithmetic() {
    return mode.arithmetic;
  }

  DType dtype() {
    return dtype;
  }

  boolean onCpu() {
    return onCpu;
  }

  /** Whether weights and activations are F32 tensors. */
  boolean computesInF32() {
    return mode != Mode.NATIVE;
  }

  static ScalarType scalarType(DType dtype) {
    return switch (dtype) {
      case F32 -> ScalarType.Float;
      case BF16 -> ScalarType.BFloat16;
      case F16 -> ScalarType.Half;
      default -> throw new IllegalArgumentException("no weights in " + dtype);
    };
  }

  /** Type of activations and weights. */
  ScalarType computeType() {
    return mode == Mode.NATIVE ? ScalarType.BFloat16 : ScalarType.Float;
  }

  /** Type of cached and captured rows. */
  ScalarType rowType() {
    return scalarType(dtype);
  }

  /** Rounds a result of an operation in {@link #computeType}. */
  Tensor rounded(Tensor result) {
    return mode == Mode.WIDENED ? result.to(ScalarType.BFloat16).to(ScalarType.Float) : result;
  }

  /** Rounds a tensor in {@link #computeType} that others refer to. */
  void roundInPlace(Tensor tensor) {
    if (mode == Mode.WIDENED) {
      tensor.copy_(tensor.to(ScalarType.BFloat16));
    }
  }

  /** Anything as F32. */
  private static Tensor toF32(Tensor t) {
    return t.to(ScalarType.Float); // the same tensor if it is that already
  }

  /** Activations or cached rows as F32. */
  Tensor wide(Tensor t) {
    return mode == Mode.F32 ? t : toF32(t); // to ask libtorch for nothing costs microseconds
  }

  /**
   * Weights or rows of any floating-point type, rounded to {@link #dtype}, in {@link #computeType}.
   */
  Tensor imported(Tensor t) {
    return narrow(toF32(t));
  }

  /** An F32 result, rounded, in {@link #computeType}. */
  Tensor narrow(Tensor f32) {
    return switch (mode) {
      case F32 -> f32;
      case NATIVE -> f32.to(ScalarType.BFloat16);
      case WIDENED -> rounded(f32);
    };
  }

  /** Allocates on the device. */
  Tensor allocate(ScalarType type, long... shape) {
    return torch.zeros(shape, new TensorOptions(type)).to(device, type);
  }

  /** Moves to the device; the same tensor if it is there. */
  Tensor onDevice(Tensor t) {
    return onCpu ? t : t.to(device, t.scalar_type());
  }

  /** Copies rows of any floating-point type to the device, rounded to {@link #dtype}. */
  Tensor upload(TensorView rows) {
    long[] shape = rows.shape().toArray();
    Tensor host;
    if (rows.dtype() == DType.F32 || rows.dtype() == DType.BF16) {
      host = torch.empty(shape, new TensorOptions(scalarType(rows.dtype())), null);
      bytes(host).put(rows.bytes());
    } else {
      host = torch.empty(shape, new TensorOptions(ScalarType.Float), null);
      bytes(host).asFloatBuffer().put(FloatTensors.toFloats(rows));
    }
    return imported(onDevice(host));
  }

  /** The bytes of a dense tensor in host memory; they live as long as the tensor. */
  static ByteBuffer bytes(Tensor host) {
    return buffer(host.data_ptr(), host.nbytes());
  }

  static ByteBuffer buffer(Pointer address, long bytes) {
    if (bytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(bytes + " bytes, more than one buffer holds");
    }
    return new BytePointer(address).capacity(bytes).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Rows in {@link #dtype} as a view that lives as long as the tensors of this call. */
  TensorView rows(Tensor t, int count, int width) {
    Tensor host = t.to(rowType()).cpu().contiguous();
    return TensorView.of(dtype, Shape.of(count, width), bytes(host));
  }
}
