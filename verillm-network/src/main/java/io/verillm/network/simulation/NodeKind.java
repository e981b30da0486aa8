package io.verillm.network.simulation;

import java.util.Locale;

/** What a node does otherwise than agreed, if anything. */
public enum NodeKind {
  /** Does everything as agreed. */
  HONEST(Side.NEITHER, "does everything as agreed"),
  /** Computes with quantised weights. */
  QUANTISED(Side.PROVER, "computes with weights rounded to 4 bits"),
  /** Serves a smaller model. */
  SMALLER_MODEL(Side.PROVER, "serves a smaller model, rows padded to the ordered shape"),
  /** Leaves a layer out. */
  SKIPPED_LAYER(Side.PROVER, "leaves one layer out and fills its cache in"),
  /** Decodes with something cheap, then runs one honest prefill. */
  CHEAP_DECODE(Side.PROVER, "lets a smaller model write, then runs one honest prefill"),
  /** Computes the later tokens cheaply and opens nothing, or not all of it, when they are drawn. */
  WITHHOLDING(Side.PROVER, "computes late tokens cheaply, does not open unlucky draws"),
  /** Signs two receipts for one order. */
  EQUIVOCATING(Side.PROVER, "signs two receipts for one order"),
  /** Quantised, and declares another arithmetic to hide in its noise. */
  NOISY_CLASS(Side.PROVER, "quantised, declares a noisy class to hide in"),
  /** Orders from itself and computes cheaply. */
  SELF_DEALING(Side.PROVER, "orders from itself and computes cheaply"),
  /** Copies another member's commitment. */
  COPIER(Side.VERIFIER, "copies the commitment of another member"),
  /** Accepts everything without computing. */
  ALWAYS_ACCEPT(Side.VERIFIER, "accepts everything, computes nothing"),
  /** Votes by a coin without computing. */
  RANDOM_VOTE(Side.VERIFIER, "votes by a coin, computes nothing"),
  /** Computes and says the opposite. */
  LYING(Side.VERIFIER, "computes, then says the opposite and disputes"),
  /** One coalition: bad answers, accepted by allies, who reject everybody else's. */
  COLLUDING(Side.BOTH, "bad answers that allies accept; allies reject all others");

  /** In which role a kind deviates. */
  public enum Side {
    /** In none. */
    NEITHER,
    /** When it answers. */
    PROVER,
    /** When it sits on a committee. */
    VERIFIER,
    /** In both. */
    BOTH
  }

  private final Side side;
  private final String description;

  NodeKind(Side side, String description) {
    this.side = side;
    this.description = description;
  }

  /** In which role it deviates. */
  public Side side() {
    return side;
  }

  /** What it does, in a few words. */
  public String description() {
    return description;
  }

  /** Stable name for options and reports, such as {@code cheap-decode}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  boolean deviatesAsProver() {
    return side == Side.PROVER || side == Side.BOTH;
  }

  boolean deviatesAsVerifier() {
    return side == Side.VERIFIER || side == Side.BOTH;
  }
}
