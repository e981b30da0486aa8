package io.verillm.tensorcommit.vector;

import io.verillm.tensorcommit.curve.Fr;
import io.verillm.tensorcommit.curve.FrVector;
import io.verillm.tensorcommit.curve.Scalars;
import org.jspecify.annotations.Nullable;

/**
 * The values of a vector's first cells; the others are zero. Small integers stay small, because
 * short scalars are what makes a commitment cheap. Borrows its array; not to be changed meanwhile.
 */
public final class Cells {
  private final long @Nullable [] small;
  private final @Nullable FrVector field;

  private Cells(long @Nullable [] small, @Nullable FrVector field) {
    this.small = small;
    this.field = field;
  }

  /** Integers, at least 0. */
  public static Cells of(long[] values) {
    return new Cells(values, null);
  }

  /** Field elements. */
  public static Cells of(FrVector values) {
    return new Cells(null, values);
  }

  /** Number of values. */
  public int count() {
    return small != null ? small.length : field().size();
  }

  /** The value of a cell; zero beyond {@link #count}. */
  public Fr get(int cell) {
    if (cell >= count()) {
      return Fr.ZERO;
    }
    return small != null ? Fr.of(small[cell]) : field().get(cell);
  }

  /** The integers, or null where the values are field elements. */
  long @Nullable [] small() {
    return small;
  }

  /** All cells as field elements, padded with zeros. */
  FrVector toField(int size) {
    FrVector out = new FrVector(size);
    addTo(out, Fr.ONE);
    return out;
  }

  /** sum += factor · values. */
  void addTo(FrVector sum, Fr factor) {
    if (small != null) {
      sum.addMultiple(factor, small);
    } else {
      sum.addMultiple(factor, field());
    }
  }

  /** The scalars of the first cells. */
  public Scalars toScalars() {
    return small != null ? Scalars.ofLongs(small) : field().toScalars();
  }

  private FrVector field() {
    return java.util.Objects.requireNonNull(field, "field");
  }
}
