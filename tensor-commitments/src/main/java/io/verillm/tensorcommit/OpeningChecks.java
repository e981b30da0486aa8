package io.verillm.tensorcommit;

import io.verillm.core.tensor.DType;
import io.verillm.core.wire.Digest32;
import io.verillm.tensorcommit.vector.Transcript;
import io.verillm.tensorcommit.vector.VectorOutcome;
import java.util.List;
import java.util.Optional;

/** What all schemes check before any arithmetic, and what goes into every challenge. */
final class OpeningChecks {
  private OpeningChecks() {}

  /** The first thing that is wrong, or nothing. */
  static Optional<TensorOutcome> firstProblem(
      TensorCommitmentScheme scheme,
      List<TensorCommitmentScheme.Claim> claims,
      Digest32 nonce,
      TensorOpening opening) {
    if (!opening.scheme().equals(scheme.name())) {
      return Optional.of(TensorOutcome.WRONG_SCHEME);
    }
    if (!opening.nonce().equals(nonce)) {
      return Optional.of(TensorOutcome.WRONG_NONCE);
    }
    if (claims.isEmpty()) {
      return Optional.of(TensorOutcome.OUT_OF_RANGE);
    }
    if (opening.opened().size() != claims.size()) {
      return Optional.of(TensorOutcome.WRONG_REGION);
    }
    for (int i = 0; i < claims.size(); i++) {
      TensorStatement statement = claims.get(i).root().statement();
      Region region = claims.get(i).region();
      if (!statement.scheme().equals(scheme.name())) {
        return Optional.of(TensorOutcome.WRONG_SCHEME);
      }
      if (!statement.setup().equals(scheme.setupId())) {
        return Optional.of(TensorOutcome.WRONG_SETUP);
      }
      if (!region.isIn(statement.shape())) {
        return Optional.of(TensorOutcome.OUT_OF_RANGE);
      }
      OpenedRegion opened = opening.opened().get(i);
      if (!opened.region().equals(region)) {
        return Optional.of(TensorOutcome.WRONG_REGION);
      }
      DType dtype = statement.dtype();
      if (opened.values().length != region.elements() * dtype.bytes()) {
        return Optional.of(TensorOutcome.WRONG_VALUE_COUNT);
      }
    }
    return Optional.empty();
  }

  /** Whether an opened element is not a number, in types that have such. */
  static boolean hasNan(List<TensorCommitmentScheme.Claim> claims, TensorOpening opening) {
    for (int i = 0; i < claims.size(); i++) {
      if (ElementCodec.hasNan(
          claims.get(i).root().statement().dtype(), opening.opened().get(i).values())) {
        return true;
      }
    }
    return false;
  }

  /** A transcript with nonce, roots, regions and values in it. */
  static Transcript transcript(
      String scheme,
      List<TensorCommitmentScheme.Claim> claims,
      List<OpenedRegion> opened,
      Digest32 nonce) {
    Transcript transcript = new Transcript("verillm tensor opening v1 " + scheme);
    transcript.absorb("nonce", nonce.toByteArray());
    transcript.absorb("claims", claims.size());
    for (int i = 0; i < claims.size(); i++) {
      transcript.absorb("root", claims.get(i).root().encode());
      Region region = claims.get(i).region();
      for (int axis = 0; axis < region.rank(); axis++) {
        transcript.absorb("start", region.start(axis));
        transcript.absorb("count", region.count(axis));
      }
      transcript.absorb("values", opened.get(i).values());
    }
    return transcript;
  }

  static TensorOutcome outcome(VectorOutcome outcome) {
    return switch (outcome) {
      case VERIFIED -> TensorOutcome.VERIFIED;
      case OUT_OF_RANGE -> TensorOutcome.OUT_OF_RANGE;
      case WRONG_POINT_COUNT -> TensorOutcome.WRONG_PROOF_SIZE;
      case PAIRING_MISMATCH -> TensorOutcome.PAIRING_MISMATCH;
    };
  }
}
