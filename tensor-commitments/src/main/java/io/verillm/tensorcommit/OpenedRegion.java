package io.verillm.tensorcommit;

import java.util.Arrays;
import java.util.Objects;

/** A region and its elements: raw little-endian bytes in row-major order. Immutable. */
public final class OpenedRegion {
  private final Region region;
  private final byte[] values;

  /** Copies the bytes. */
  public OpenedRegion(Region region, byte[] values) {
    this.region = Objects.requireNonNull(region, "region");
    this.values = values.clone();
  }

  /** Where. */
  public Region region() {
    return region;
  }

  /** A copy of the elements' bytes. */
  public byte[] toByteArray() {
    return values.clone();
  }

  byte[] values() {
    return values;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof OpenedRegion that
        && region.equals(that.region)
        && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return region.hashCode() * 31 + Arrays.hashCode(values);
  }
}
