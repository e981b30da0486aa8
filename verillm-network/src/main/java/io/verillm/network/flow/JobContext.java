package io.verillm.network.flow;

import io.verillm.core.challenge.RandomnessSource;
import io.verillm.core.challenge.VrfRandomness;
import io.verillm.core.order.JobOrder;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.network.committee.StakeTable;
import io.verillm.network.committee.Staker;
import io.verillm.network.message.JobTerms;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a job's machine knows before the first message: order, terms, stakes, randomness, layout.
 * Immutable; every party that builds it from the same inputs gets the same machine.
 */
public final class JobContext {
  private final String networkId;
  private final SignedMessage orderMessage;
  private final SignedMessage termsMessage;
  private final JobOrder order;
  private final JobTerms terms;
  private final StakeTable stakes;
  private final RandomnessSource source;
  private final TraceLayout layout;
  private final FragmentComparison comparison;
  private final Set<String> barred;

  private JobContext(
      String networkId,
      SignedMessage orderMessage,
      JobOrder order,
      SignedMessage termsMessage,
      JobTerms terms,
      StakeTable stakes,
      RandomnessSource source,
      TraceLayout layout,
      FragmentComparison comparison) {
    this.networkId = networkId;
    this.orderMessage = orderMessage;
    this.order = order;
    this.termsMessage = termsMessage;
    this.terms = terms;
    this.stakes = stakes;
    this.source = source;
    this.layout = layout;
    this.comparison = comparison;
    this.barred = barredOwners();
  }

  /**
   * Checks that order and terms belong together and that a committee can be drawn.
   *
   * @param layout the ordered profile applied to the ordered model
   * @param comparison how a committee's rows are compared
   * @throws MalformedMessageException if order or terms cannot be read
   * @throws IllegalArgumentException if a signature does not hold, terms and order have different
   *     signers, stakes, source or layout are others than the terms name, the prover has no stake,
   *     the randomness is the prover's or the client's key, or there are too few owners for both
   *     committees
   */
  public static JobContext of(
      String networkId,
      SignedMessage orderMessage,
      SignedMessage termsMessage,
      StakeTable stakes,
      RandomnessSource source,
      TraceLayout layout,
      FragmentComparison comparison)
      throws MalformedMessageException {
    JobOrder order = JobOrder.decode(orderMessage.payload());
    JobTerms terms = JobTerms.decode(termsMessage.payload());
    List<String> faults = new ArrayList<>();
    require(
        faults,
        orderMessage.type() == MessageType.ORDER
            && termsMessage.type() == MessageType.JOB_TERMS
            && orderMessage.verify(networkId)
            && termsMessage.verify(orderMessage.signer(), networkId),
        "order and terms need valid signatures of one client");
    require(faults, terms.order().equals(orderMessage.id()), "the terms are for another order");
    require(faults, terms.stakes().equals(stakes.digest()), "the terms name another stake table");
    require(
        faults, terms.schedule().source().equals(source.id()), "the terms name another randomness");
    require(
        faults,
        layout.profile().digest().equals(order.profile()),
        "the layout is of another profile than the ordered one");
    require(faults, stakes.find(order.node()).isPresent(), "the ordered node has no stake");
    require(
        faults,
        !(source instanceof VrfRandomness vrf
            && (vrf.key().equals(order.node()) || vrf.key().equals(orderMessage.signer()))),
        "the randomness belongs to the prover or the client");
    JobContext context =
        new JobContext(
            networkId,
            orderMessage,
            order,
            termsMessage,
            terms,
            stakes,
            source,
            layout,
            comparison);
    int free = stakes.owners() - context.barred.size();
    require(
        faults,
        free >= terms.committee() + terms.secondCommittee(),
        "both committees need "
            + (terms.committee() + terms.secondCommittee())
            + " owners, there are "
            + free);
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", faults));
    }
    return context;
  }

  private static void require(List<String> faults, boolean holds, String words) {
    if (!holds) {
      faults.add(words);
    }
  }

  /** Nobody judges its own job: the prover's owner and the client's do not sit. */
  private Set<String> barredOwners() {
    Set<String> owners = new HashSet<>();
    stakes.find(order.node()).map(Staker::owner).ifPresent(owners::add);
    stakes.find(client()).map(Staker::owner).ifPresent(owners::add);
    return Set.copyOf(owners);
  }

  /** The job's id. */
  public Digest32 job() {
    return termsMessage.id();
  }

  /** The network. */
  public String networkId() {
    return networkId;
  }

  /** The client's signed order. */
  public SignedMessage orderMessage() {
    return orderMessage;
  }

  /** The client's signed terms. */
  public SignedMessage termsMessage() {
    return termsMessage;
  }

  /** The order. */
  public JobOrder order() {
    return order;
  }

  /** The terms. */
  public JobTerms terms() {
    return terms;
  }

  /** The stakes that committees are drawn from. */
  public StakeTable stakes() {
    return stakes;
  }

  /** The randomness. */
  public RandomnessSource source() {
    return source;
  }

  /** The rows of a token. */
  public TraceLayout layout() {
    return layout;
  }

  /** How a committee's rows are compared. */
  public FragmentComparison comparison() {
    return comparison;
  }

  /** Who ordered. */
  public VerifyingKey client() {
    return orderMessage.signer();
  }

  /** Who is to answer. */
  public VerifyingKey prover() {
    return order.node();
  }

  /** The moment up to which a round of randomness may be shown. */
  long randomnessDeadline(long round) {
    return terms.schedule().publishedAtMillis(round) + terms.deadlines().randomnessMillis();
  }

  /** Owners that may not judge this job. */
  Set<String> barred() {
    return barred;
  }

  /** Whether a key may acknowledge receipts of this job; the prover never may. */
  boolean mayAcknowledge(VerifyingKey key) {
    return !key.equals(prover())
        && (key.equals(client()) || terms.witnesses().contains(key) || terms.logs().contains(key));
  }
}
