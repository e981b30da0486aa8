package io.verillm.cache.compact;

import io.verillm.core.receipt.Receipt;
import io.verillm.core.receipt.TensorCommitment;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.util.Objects;
import java.util.Optional;

/**
 * The form of cache evidence that a prover offers, as its receipt names it. The trace of rows is
 * committed in every form; the form says what is shown of it.
 *
 * @param kind the form
 * @param parameter values per row of a sketch, or points of a polynomial; 0 for rows
 * @param proofs SHA-256 of the polynomials, which exist before the challenge; empty otherwise
 */
public record EvidenceForm(Kind kind, int parameter, Optional<Digest32> proofs) {
  /** Name of the scheme in a receipt. */
  public static final String SCHEME = "verillm-kv-evidence-v1";

  /** The forms; codes are their places, from 0. */
  public enum Kind {
    /** Whole rows. */
    ROWS(0),
    /** Projections on directions that follow from the challenge, and a few whole rows. */
    SKETCHES(1),
    /** Polynomials through the largest elements, made while the answer was written. */
    TOP_K(2);

    private final int code;

    Kind(int code) {
      this.code = code;
    }
  }

  /** Whole rows. */
  public static final EvidenceForm ROWS = new EvidenceForm(Kind.ROWS, 0, Optional.empty());

  /** Checks what belongs together. */
  public EvidenceForm {
    Objects.requireNonNull(kind, "kind");
    if ((kind == Kind.ROWS) != (parameter == 0) || parameter < 0 || parameter > 4096) {
      throw new IllegalArgumentException(kind + " with parameter " + parameter);
    }
    if (proofs.isPresent() != (kind == Kind.TOP_K)) {
      throw new IllegalArgumentException("polynomials are bound by their digest, others are not");
    }
  }

  /** The form as a receipt carries it. */
  public TensorCommitment toCommitment() {
    CborWriter out = new CborWriter().array(3).unsigned(kind.code).unsigned(parameter);
    if (proofs.isPresent()) {
      out.digest(proofs.get());
    } else {
      out.nul();
    }
    return new TensorCommitment(SCHEME, out.toByteArray());
  }

  /**
   * The form that a receipt names: whole rows if it names none.
   *
   * @throws MalformedMessageException if what it names is not readable
   */
  public static EvidenceForm of(Receipt receipt) throws MalformedMessageException {
    for (TensorCommitment commitment : receipt.commitments()) {
      if (commitment.scheme().equals(SCHEME)) {
        return of(commitment);
      }
    }
    return ROWS;
  }

  /**
   * Reads the form that a receipt's commitment names.
   *
   * @throws MalformedMessageException if the commitment is of another scheme or not readable
   */
  public static EvidenceForm of(TensorCommitment commitment) throws MalformedMessageException {
    if (!commitment.scheme().equals(SCHEME)) {
      throw new MalformedMessageException("kv-evidence", 0, "scheme " + commitment.scheme());
    }
    CborReader in = CborReader.of(commitment.toByteArray());
    in.arrayOf("kv-evidence", 3);
    int code = (int) in.unsigned("kv-evidence.kind", 2);
    int parameter = (int) in.unsigned("kv-evidence.parameter", 4096);
    Optional<Digest32> proofs = Optional.empty();
    if (in.nextIsNull()) {
      in.nul("kv-evidence.proofs");
    } else {
      proofs = Optional.of(in.digest("kv-evidence.proofs"));
    }
    in.end();
    try {
      return new EvidenceForm(Kind.values()[code], parameter, proofs);
    } catch (IllegalArgumentException e) {
      throw new MalformedMessageException("kv-evidence", 0, String.valueOf(e.getMessage()));
    }
  }
}
