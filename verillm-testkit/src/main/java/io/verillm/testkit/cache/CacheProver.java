package io.verillm.testkit.cache;

import io.verillm.core.sampling.SamplingManifest;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.exec.UnusableModelException;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One prover of the cache study: what it computes with, and how it draws.
 *
 * @param name for people
 * @param source loads its engines
 * @param draw how it draws tokens
 */
public record CacheProver(String name, Source source, Draw draw) {
  /** One that draws as ordered. */
  public static CacheProver of(String name, Source source) {
    return new CacheProver(name, source, Draw.ORDERED);
  }

  /** The name in lower case, with a dash for everything but letters and digits. */
  public String id() {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
  }

  /** Loads a prover's engines, so that one prover's weights are in memory at a time. */
  @FunctionalInterface
  public interface Source {
    /** Loads them. */
    Engines open() throws IOException, UnusableModelException, MalformedMessageException;
  }

  /**
   * How tokens are drawn; the order asks for temperature 1, all tokens and the proven seed.
   *
   * @param temperature in use
   * @param topP in use
   * @param ownSeed whether another seed than the proven one is in use
   */
  public record Draw(double temperature, double topP, boolean ownSeed) {
    /** As ordered. */
    public static final Draw ORDERED = new Draw(1, 1, false);

    SamplingManifest manifest(int tokens) {
      return SamplingManifest.builder(tokens)
          .temperatureMicros((int) Math.round(temperature * SamplingManifest.ONE))
          .topPMicros((int) Math.round(topP * SamplingManifest.ONE))
          .build();
    }
  }

  /**
   * The engines of a prover.
   *
   * @param decoding chooses the tokens, and its rows are shown unless {@code shown} is there
   * @param shown prefills the rows that are shown
   * @param stepwise whether {@code decoding} deviates in its decode steps only
   * @param owned what is closed when the prover is done
   */
  public record Engines(
      ModelExecutor decoding,
      @Nullable ModelExecutor shown,
      boolean stepwise,
      List<ModelExecutor> owned)
      implements AutoCloseable {
    /** Copies the list. */
    public Engines {
      owned = List.copyOf(owned);
    }

    @Override
    public void close() {
      owned.forEach(ModelExecutor::close);
    }
  }
}
