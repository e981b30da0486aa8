package io.verillm.cache.proving;

/** Keys and values of one cell or of a decoy, without saying which. Immutable. */
public final class UnnamedCell {
  private final float[] key;
  private final float[] value;

  /** Copies the rows. */
  public UnnamedCell(float[] key, float[] value) {
    this.key = key.clone();
    this.value = value.clone();
  }

  /** A copy of the keys. */
  public float[] key() {
    return key.clone();
  }

  /** A copy of the values. */
  public float[] value() {
    return value.clone();
  }
}
