package io.verillm.network.evidence;

import io.verillm.core.wire.Digest32;
import io.verillm.incentives.slashing.CommitteeReading;
import io.verillm.incentives.slashing.FaultKind;
import io.verillm.incentives.slashing.FreshReexecution;
import io.verillm.incentives.slashing.ProvenFault;
import java.util.Objects;

/** What an evidence state takes. Each is checked by whoever makes it; the fold believes it. */
public sealed interface EvidenceInput {
  /** The node it is about. */
  String node();

  /**
   * A node belongs to the network, with or without evidence: the rule over all nodes counts it.
   *
   * @param owner who owns it; a node never changes its owner
   */
  record Joined(String node, String owner) implements EvidenceInput {}

  /** What a committee measured on one receipt; counts as its lower median. */
  record Audit(CommitteeReading reading) implements EvidenceInput {
    @Override
    public String node() {
      return reading.node();
    }
  }

  /**
   * An acknowledged challenge that was not answered, shown by every log of the job. It counts as an
   * exceedance and costs the price of silence when the epoch closes.
   *
   * @param owner who owns the silent node
   * @param job the job; its pay went back to the client when the job ended
   * @param acknowledgedRound round of the receipt's ack
   */
  record Silence(ProvenFault fault, String owner, Digest32 job, long acknowledgedRound)
      implements EvidenceInput {
    /** Refuses other faults. */
    public Silence {
      Objects.requireNonNull(job, "job");
      if (fault.proof().kind() != FaultKind.SILENCE) {
        throw new IllegalArgumentException(fault.proof().kind() + " is not silence");
      }
    }

    @Override
    public String node() {
      return fault.proof().node();
    }
  }

  /** A fault that the node's own signatures prove; costs the stake when the epoch closes. */
  record Fault(ProvenFault fault) implements EvidenceInput {
    /** Refuses silence, which has a price of its own. */
    public Fault {
      if (fault.proof().kind() == FaultKind.SILENCE) {
        throw new IllegalArgumentException("silence is no fault of this sort");
      }
    }

    @Override
    public String node() {
      return fault.proof().node();
    }
  }

  /** What the assigned executor found, see {@link ReexecutionVerdict}. */
  record Fresh(FreshReexecution reexecution) implements EvidenceInput {
    @Override
    public String node() {
      return reexecution.node();
    }
  }
}
