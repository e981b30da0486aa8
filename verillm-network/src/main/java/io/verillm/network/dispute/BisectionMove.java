package io.verillm.network.dispute;

import io.verillm.core.trace.TraceOpening;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import java.util.Objects;

/**
 * What a party says in a dispute. Moves after the first name the dispute and their number in it, so
 * that none can be repeated elsewhere. A {@link Show} discloses content.
 */
public sealed interface BisectionMove {
  /** Most bytes of an opening. */
  int MAX_OPENING = 48 << 20;

  /**
   * The challenger begins: among the first {@code positions} tokens something below layer {@code
   * upper} does not follow.
   *
   * @param receipt digest of the receipt
   * @param upper 1 to the number of layers, or one more if a token was not drawn as ordered
   * @param positions at least 1
   */
  record Open(Digest32 receipt, int upper, int positions) implements BisectionMove {
    /** Checks the ranges. */
    public Open {
      Objects.requireNonNull(receipt, "receipt");
      if (upper < 1 || upper > 0x10000 || positions < 1) {
        throw new IllegalArgumentException(positions + " positions below layer " + upper);
      }
    }
  }

  /**
   * The challenger says in which half the fault lies.
   *
   * @param dispute id of the message that opened it
   * @param turn number of moves before this one
   * @param above whether it is above the states that were shown
   */
  record Choose(Digest32 dispute, int turn, boolean above) implements BisectionMove {
    /** Refuses nulls. */
    public Choose {
      Objects.requireNonNull(dispute, "dispute");
    }
  }

  /**
   * The prover opens the rows that are due.
   *
   * @param opening paths lead to the receipt's head
   */
  record Show(Digest32 dispute, int turn, TraceOpening opening) implements BisectionMove {
    /** Refuses nulls. */
    public Show {
      Objects.requireNonNull(dispute, "dispute");
      Objects.requireNonNull(opening, "opening");
    }
  }

  /**
   * The challenger names the token at which the step that is left does not follow.
   *
   * @param position position whose rows are wrong, or whose logits give another token
   */
  record Claim(Digest32 dispute, int turn, int position) implements BisectionMove {
    /** Refuses nulls. */
    public Claim {
      Objects.requireNonNull(dispute, "dispute");
    }
  }

  /** The challenger finds that no single step is over its limit. */
  record Withdraw(Digest32 dispute, int turn) implements BisectionMove {
    /** Refuses nulls. */
    public Withdraw {
      Objects.requireNonNull(dispute, "dispute");
    }
  }

  /** Returns the payload that is signed: a CBOR array, see {@code docs/wire.cddl}. */
  default byte[] encode() {
    CborWriter out = new CborWriter();
    if (this instanceof Open open) {
      out.array(4).unsigned(1).digest(open.receipt);
      out.unsigned(open.upper).unsigned(open.positions);
    } else if (this instanceof Choose choose) {
      out.array(4).unsigned(2).digest(choose.dispute).unsigned(choose.turn).bool(choose.above);
    } else if (this instanceof Show show) {
      out.array(4).unsigned(3).digest(show.dispute).unsigned(show.turn);
      out.bytes(show.opening.encode());
    } else if (this instanceof Claim claim) {
      out.array(4).unsigned(4).digest(claim.dispute).unsigned(claim.turn).unsigned(claim.position);
    } else {
      Withdraw withdraw = (Withdraw) this;
      out.array(3).unsigned(5).digest(withdraw.dispute).unsigned(withdraw.turn);
    }
    return out.toByteArray();
  }

  /**
   * Reads one move and nothing else.
   *
   * @throws MalformedMessageException if the bytes are not exactly what {@link #encode} gives
   */
  static BisectionMove decode(byte[] payload) throws MalformedMessageException {
    CborReader in = CborReader.of(payload);
    int items = in.array("bisection", 4);
    long kind = in.unsigned("bisection.kind", 5);
    if (kind == 0 || items != (kind == 5 ? 3 : 4)) {
      throw in.malformed("bisection.kind", items + " items of kind " + kind);
    }
    Digest32 subject = in.digest("bisection.subject");
    if (kind == 1) {
      int upper = (int) in.unsigned("bisection.upper", 0x10000);
      int positions = (int) in.unsigned("bisection.positions", Integer.MAX_VALUE);
      in.end();
      if (upper == 0 || positions == 0) {
        throw in.malformed("bisection.open", "nothing is disputed");
      }
      return new Open(subject, upper, positions);
    }
    int turn = (int) in.unsigned("bisection.turn", 255);
    BisectionMove move;
    if (kind == 2) {
      move = new Choose(subject, turn, in.bool("bisection.above"));
    } else if (kind == 3) {
      byte[] opening = in.bytes("bisection.opening", MAX_OPENING);
      move = new Show(subject, turn, TraceOpening.decode(opening, MAX_OPENING));
    } else if (kind == 4) {
      move = new Claim(subject, turn, (int) in.unsigned("bisection.position", Integer.MAX_VALUE));
    } else {
      move = new Withdraw(subject, turn);
    }
    in.end();
    return move;
  }

  /** Signs the move. */
  default SignedMessage sign(SigningKey party, String networkId) {
    return SignedMessage.sign(party, MessageType.BISECTION, encode(), networkId);
  }
}
