package io.verillm.core.verdict;

import io.verillm.core.challenge.Challenge;
import io.verillm.core.challenge.RandomnessSource;
import io.verillm.core.challenge.RandomnessValue;
import io.verillm.core.challenge.VerifierNonce;
import io.verillm.core.challenge.VrfRandomness;
import io.verillm.core.receipt.ReceiptAck;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.VerifyingKey;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What witness and challenger sent. Nothing here can reject a prover. */
final class ChallengeChecks {
  private final CaseFile file;
  private @Nullable ReceiptAck ack;

  ChallengeChecks(CaseFile file) {
    this.file = file;
  }

  Optional<Verdict> ack(Submission files) {
    if (files.ack().isEmpty()) {
      return Optional.empty();
    }
    try {
      SignedMessage message = SignedMessage.decode(files.ack().get());
      if (!isAdmissibleAck(file, message)) {
        return file.inconclusive(
            CheckName.CHALLENGE,
            Shortfall.ACK_INVALID,
            "the ack is not signed by the client or an admitted witness");
      }
      ReceiptAck read = ReceiptAck.decode(message.payload());
      if (!read.receipt().equals(file.receiptMessage().id())) {
        return file.inconclusive(
            CheckName.CHALLENGE, Shortfall.ACK_INVALID, "the ack names another receipt");
      }
      ack = read;
      return Optional.empty();
    } catch (MalformedMessageException e) {
      return file.inconclusive(
          CheckName.CHALLENGE, Shortfall.ACK_INVALID, "the ack is unreadable: " + e.getMessage());
    }
  }

  static boolean isAdmissibleAck(CaseFile file, SignedMessage message) {
    return message.type() == MessageType.ACK
        && message.verify(file.policy().networkId())
        && !message.signer().equals(file.order().node())
        && (message.signer().equals(file.orderMessage().signer())
            || file.policy().isWitness(message.signer()));
  }

  Optional<Verdict> challenge(Submission files) {
    if (files.challenge().isEmpty()) {
      return file.inconclusive(
          CheckName.CHALLENGE, Shortfall.NO_CHALLENGE, "no challenge was given");
    }
    Challenge read;
    try {
      SignedMessage message = SignedMessage.decode(files.challenge().get());
      if (message.type() != MessageType.CHALLENGE
          || !message.verify(file.policy().networkId())
          || message.signer().equals(file.order().node())) {
        return challengeInvalid("the challenge is not signed by a key other than the prover's");
      }
      read = Challenge.decode(message.payload());
    } catch (MalformedMessageException e) {
      return challengeInvalid("the challenge is unreadable: " + e.getMessage());
    }
    if (!read.order().equals(file.receipt().order())
        || !read.receipt().equals(file.receiptMessage().id())) {
      return challengeInvalid("the challenge is for another receipt");
    }
    ReceiptAck acknowledged = ack;
    boolean namesAck =
        acknowledged != null && read.ack().equals(Optional.of(acknowledged.digest()));
    if (read.ack().isPresent() && !namesAck) {
      return challengeInvalid("the challenge names another ack than the one given");
    }
    RandomnessValue randomness = read.randomness();
    Optional<Digest32> commitment = file.order().nonceCommitment();
    RandomnessSource source;
    Standing standing = Standing.PRIVATE;
    if (commitment.isPresent() && randomness.source().equals(commitment.get())) {
      source = new VerifierNonce(commitment.get());
    } else {
      Optional<RandomnessSource> admitted = file.policy().source(randomness.source());
      if (admitted.isEmpty()) {
        return challengeInvalid("the policy does not admit the challenge's randomness source");
      }
      source = admitted.get();
      if (isPartys(source)) {
        return challengeInvalid("the randomness comes from a key of the prover or the client");
      }
      if (acknowledged != null && namesAck) {
        if (!randomness.source().equals(acknowledged.source())
            || randomness.round() != acknowledged.challengeRound()) {
          return challengeInvalid(
              "the challenge uses round "
                  + randomness.round()
                  + ", the ack allows only "
                  + acknowledged.challengeRound());
        }
        standing = Standing.PUBLIC;
      }
    }
    Optional<Digest32> value = source.check(randomness);
    if (value.isEmpty()) {
      return challengeInvalid("the proof of the challenge's randomness does not hold");
    }
    file.establishChallenge(read, value.get(), standing);
    file.held(
        CheckName.CHALLENGE,
        standing == Standing.PUBLIC
            ? "drawn from round " + randomness.round() + ", after the ack"
            : "drawn from randomness that convinces this verifier only");
    return Optional.empty();
  }

  private boolean isPartys(RandomnessSource source) {
    VerifyingKey client = file.orderMessage().signer();
    return source instanceof VrfRandomness vrf
        && (vrf.key().equals(file.order().node()) || vrf.key().equals(client));
  }

  private Optional<Verdict> challengeInvalid(String statement) {
    return file.inconclusive(CheckName.CHALLENGE, Shortfall.CHALLENGE_INVALID, statement);
  }
}
