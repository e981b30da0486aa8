package io.verillm.core.verdict;

import io.verillm.core.challenge.Deviation;
import io.verillm.core.challenge.RandomnessSource;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.VerifyingKey;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What a verifier trusts, demands and is willing to spend. Immutable; trust is visible where it is
 * built.
 *
 * <p>A policy without the token check cannot be built: activations alone prove only that the answer
 * could be read by the model, not that the model wrote it.
 */
public final class VerificationPolicy {
  private final String networkId;
  private final Map<Digest32, ModelDimensions> models;
  private final Map<Digest32, TraceProfile> profiles;
  private final Map<Digest32, RandomnessSource> sources;
  private final Set<VerifyingKey> witnesses;
  private final Set<VerifyingKey> calibrators;
  private final Predicate<ExecutionClass> admissibleClass;
  private final Set<CheckName> required;
  private final Map<Deviation, Double> largestMiss;
  private final double alpha;
  private final double borderline;
  private final int maxPrefillTokens;
  private final int maxOpeningBytes;

  private VerificationPolicy(Builder builder) {
    this.networkId = builder.networkId;
    this.models = Map.copyOf(builder.models);
    this.profiles = Map.copyOf(builder.profiles);
    this.sources = Map.copyOf(builder.sources);
    this.witnesses = Set.copyOf(builder.witnesses);
    this.calibrators = Set.copyOf(builder.calibrators);
    this.admissibleClass = builder.admissibleClass;
    this.required = Set.copyOf(builder.required);
    this.largestMiss = Map.copyOf(builder.largestMiss);
    this.alpha = builder.alpha;
    this.borderline = builder.borderline;
    this.maxPrefillTokens = builder.maxPrefillTokens;
    this.maxOpeningBytes = builder.maxOpeningBytes;
  }

  /**
   * Starts a policy for one network.
   *
   * @param networkId external data of every signature; a message of another network does not verify
   */
  public static Builder builder(String networkId) {
    return new Builder(networkId);
  }

  /** The network whose messages are judged. */
  public String networkId() {
    return networkId;
  }

  /** Sizes of a trusted model, empty if the model is not trusted. */
  public Optional<ModelDimensions> dimensionsOf(Digest32 model) {
    return Optional.ofNullable(models.get(model));
  }

  /** A known trace profile. */
  public Optional<TraceProfile> profile(Digest32 digest) {
    return Optional.ofNullable(profiles.get(digest));
  }

  /** An admissible public randomness source. */
  public Optional<RandomnessSource> source(Digest32 id) {
    return Optional.ofNullable(sources.get(id));
  }

  /** Whether a key may sign acks beside the client's own. */
  public boolean isWitness(VerifyingKey key) {
    return witnesses.contains(key);
  }

  /** Whether a key may sign calibration profiles. */
  public boolean isCalibrator(VerifyingKey key) {
    return calibrators.contains(key);
  }

  /** Whether receipts of this class are judged at all. */
  public boolean admits(ExecutionClass executionClass) {
    return admissibleClass.test(executionClass);
  }

  /** Checks that must have held for an acceptance. */
  public Set<CheckName> required() {
    return required;
  }

  /** Largest miss probability per deviation that an acceptance may have. */
  public Map<Deviation, Double> largestMiss() {
    return largestMiss;
  }

  /** Largest share of honest requests that calibrated evidence may reject. */
  public double alpha() {
    return alpha;
  }

  /** Largest share of honest requests that calibrated evidence may leave undecided. */
  public double borderline() {
    return borderline;
  }

  /** Most tokens that a re-execution may prefill. */
  public int maxPrefillTokens() {
    return maxPrefillTokens;
  }

  /** Most bytes that an opening may have. */
  public int maxOpeningBytes() {
    return maxOpeningBytes;
  }

  /** Collects the settings of a policy. Not thread-safe. */
  public static final class Builder {
    private final String networkId;
    private final Map<Digest32, ModelDimensions> models = new HashMap<>();
    private final Map<Digest32, TraceProfile> profiles = new HashMap<>();
    private final Map<Digest32, RandomnessSource> sources = new HashMap<>();
    private final Set<VerifyingKey> witnesses = new HashSet<>();
    private final Set<VerifyingKey> calibrators = new HashSet<>();
    private final Map<Deviation, Double> largestMiss = new EnumMap<>(Deviation.class);
    private final Set<CheckName> required =
        EnumSet.of(
            CheckName.ORDER,
            CheckName.RECEIPT,
            CheckName.CHALLENGE,
            CheckName.OPENING,
            CheckName.FINISH,
            CheckName.ACTIVATIONS,
            CheckName.TOKENS);
    private Predicate<ExecutionClass> admissibleClass = executionClass -> true;
    private double alpha = 1e-5;
    private double borderline = 1e-3;
    private int maxPrefillTokens = 32_768;
    private int maxOpeningBytes = 64 << 20;

    private Builder(String networkId) {
      this.networkId = Objects.requireNonNull(networkId, "networkId");
      largestMiss.put(Deviation.EVERY_TOKEN, 1e-6);
      largestMiss.put(Deviation.TENTH_OF_TOKENS, 0.5);
    }

    /** Trusts a model by the digest of its weights. */
    public Builder trustModel(Digest32 model, ModelDimensions dimensions) {
      models.put(model, Objects.requireNonNull(dimensions, "dimensions"));
      return this;
    }

    /** Knows a trace profile. */
    public Builder knowProfile(TraceProfile profile) {
      profiles.put(profile.digest(), profile);
      return this;
    }

    /** Admits a source of public randomness. */
    public Builder admitSource(RandomnessSource source) {
      sources.put(source.id(), source);
      return this;
    }

    /** Lets a log or a scheduler sign acks. */
    public Builder trustWitness(VerifyingKey key) {
      witnesses.add(key);
      return this;
    }

    /** Lets a key sign calibration profiles. */
    public Builder trustCalibrator(VerifyingKey key) {
      calibrators.add(key);
      return this;
    }

    /** Restricts the execution classes that are judged. */
    public Builder admitClasses(Predicate<ExecutionClass> admissible) {
      this.admissibleClass = Objects.requireNonNull(admissible, "admissible");
      return this;
    }

    /** Demands a check for acceptance. */
    public Builder require(CheckName check) {
      required.add(check);
      return this;
    }

    /** Drops a demand; {@link #build} refuses a policy without the token check. */
    public Builder waive(CheckName check) {
      required.remove(check);
      return this;
    }

    /** Sets the largest miss probability for a deviation, in [0, 1]. */
    public Builder largestMiss(Deviation deviation, double probability) {
      if (!(probability >= 0 && probability <= 1)) {
        throw new IllegalArgumentException("not a probability: " + probability);
      }
      largestMiss.put(deviation, probability);
      return this;
    }

    /**
     * Sets the shares of honest requests that calibrated evidence may reject, and may leave
     * undecided.
     *
     * @param alpha from 1e-12 to borderline; default 1e-5
     * @param borderline at most 0.5; default 1e-3
     */
    public Builder levels(double alpha, double borderline) {
      if (!(alpha >= 1e-12 && alpha <= borderline && borderline <= 0.5)) {
        throw new IllegalArgumentException("levels " + alpha + " and " + borderline);
      }
      this.alpha = alpha;
      this.borderline = borderline;
      return this;
    }

    /** Sets the most tokens that a re-execution may prefill. */
    public Builder maxPrefillTokens(int tokens) {
      this.maxPrefillTokens = tokens;
      return this;
    }

    /** Sets the most bytes that an opening may have. */
    public Builder maxOpeningBytes(int bytes) {
      this.maxOpeningBytes = bytes;
      return this;
    }

    /**
     * Builds the policy.
     *
     * @throws IllegalStateException if the token check was waived or a limit is below one
     */
    public VerificationPolicy build() {
      if (!required.contains(CheckName.TOKENS)) {
        throw new IllegalStateException("a policy without the token check accepts cheap decoding");
      }
      if (maxPrefillTokens < 1 || maxOpeningBytes < 1) {
        throw new IllegalStateException("limits must be at least 1");
      }
      return new VerificationPolicy(this);
    }
  }
}
