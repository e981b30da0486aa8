package io.verillm.network.message;

import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import java.util.Objects;

/**
 * What the verifier of one stage of Proof of Cache found, in the published game: whether the
 * generator's cache matched, and the digest of what the verifier computed instead.
 *
 * <p>It is sent in the open, as published: the next verifier can copy it. The hardened game commits
 * first.
 *
 * @param job the job
 * @param stage the stage, from 1
 * @param matchesGenerator whether the sampled rows matched the generator's
 * @param result digest of what the verifier computed
 */
public record StageReport(Digest32 job, int stage, boolean matchesGenerator, Digest32 result) {
  /** Checks the stage. */
  public StageReport {
    Objects.requireNonNull(job, "job");
    Objects.requireNonNull(result, "result");
    if (stage < 1 || stage > Commitment.MAX_ROUND) {
      throw new IllegalArgumentException("stage " + stage);
    }
  }

  /** Returns the payload that is signed. */
  public byte[] encode() {
    return Payloads.write(5)
        .unsigned(2)
        .digest(job)
        .unsigned(3)
        .unsigned(stage)
        .unsigned(4)
        .bool(matchesGenerator)
        .unsigned(5)
        .digest(result)
        .toByteArray();
  }

  /** Reads a payload. */
  public static StageReport decode(byte[] payload) throws MalformedMessageException {
    CborReader in = Payloads.read(payload, "stage-report", 5);
    in.key("stage-report.job", 2);
    Digest32 job = in.digest("stage-report.job");
    in.key("stage-report.stage", 3);
    int stage = Commitment.round(in, "stage-report.stage");
    in.key("stage-report.matches", 4);
    boolean matches = in.bool("stage-report.matches");
    in.key("stage-report.result", 5);
    Digest32 result = in.digest("stage-report.result");
    in.end();
    return new StageReport(job, stage, matches, result);
  }

  /** Signs the report as the stage's verifier. */
  public SignedMessage sign(SigningKey verifier, String networkId) {
    return SignedMessage.sign(verifier, MessageType.STAGE_REPORT, encode(), networkId);
  }
}
