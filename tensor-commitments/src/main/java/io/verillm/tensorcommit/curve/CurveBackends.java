package io.verillm.tensorcommit.curve;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which backends this machine can run. A backend that cannot run has a reason; an automatic choice
 * takes the fastest and says once why not a faster one. Thread-safe.
 */
public final class CurveBackends {
  private static final Logger LOG = LoggerFactory.getLogger(CurveBackends.class);

  /** What was found out about one backend. */
  public sealed interface Probe {
    /** The backend's name. */
    String name();

    /** It runs and gave the right answers. */
    record Usable(CurveBackend backend) implements Probe {
      @Override
      public String name() {
        return backend.name();
      }
    }

    /**
     * It cannot run.
     *
     * @param why for people
     */
    record Unusable(String name, String why) implements Probe {}
  }

  private CurveBackends() {}

  private static final class Found {
    static final List<Probe> PROBES = probeAll();
  }

  /** All backends, the fastest first. */
  public static List<Probe> probes() {
    return Found.PROBES;
  }

  /** The fastest that runs here. */
  public static CurveBackend best() {
    for (Probe probe : Found.PROBES) {
      if (probe instanceof Probe.Usable usable) {
        return usable.backend();
      }
    }
    throw new IllegalStateException("the plain-Java backend always runs");
  }

  /**
   * The backend of a name.
   *
   * @throws IllegalArgumentException if there is none, or it cannot run here; with all reasons
   */
  public static CurveBackend require(String name) {
    List<String> reasons = new ArrayList<>();
    for (Probe probe : Found.PROBES) {
      if (probe.name().equals(name) && probe instanceof Probe.Usable usable) {
        return usable.backend();
      }
      if (probe instanceof Probe.Unusable unusable) {
        reasons.add(unusable.name() + ": " + unusable.why());
      }
    }
    throw new IllegalArgumentException("no usable curve backend " + name + "; " + reasons);
  }

  private static List<Probe> probeAll() {
    List<Probe> probes = new ArrayList<>();
    CurveBackend java = new JavaCurve();
    probes.add(probe("blst", java, () -> new BlstCurve(NativeMsm.load())));
    probes.add(probe("blst-jni", java, () -> new BlstCurve(null)));
    probes.add(new Probe.Usable(java));
    for (Probe probe : probes) {
      if (probe instanceof Probe.Unusable unusable) {
        LOG.info("curve backend {} is not used: {}", unusable.name(), unusable.why());
      }
    }
    return List.copyOf(probes);
  }

  private interface Source {
    CurveBackend load() throws IOException;
  }

  private static Probe probe(String name, CurveBackend java, Source source) {
    try {
      CurveBackend backend = source.load();
      return answersLike(backend, java)
          ? new Probe.Usable(backend)
          : new Probe.Unusable(name, "its self-test gave wrong answers");
    } catch (IOException | LinkageError | RuntimeException e) {
      return new Probe.Unusable(name, e.getClass().getSimpleName() + ": " + e.getMessage());
    }
  }

  /** Eight points and one pairing equation, against the plain-Java sums. */
  private static boolean answersLike(CurveBackend backend, CurveBackend java) {
    List<G1Point> points = new ArrayList<>();
    long[] scalars = new long[8];
    G1Point naive = G1Point.INFINITY;
    for (int i = 0; i < 8; i++) {
      G1Point point = java.multiply(G1Point.GENERATOR, Fr.of(i + 2));
      points.add(point);
      scalars[i] = (1L << 40) + 77L * i * i;
      naive = java.add(naive, java.multiply(point, Fr.of(scalars[i])));
    }
    if (!backend.msm(points, Scalars.ofLongs(scalars)).equals(naive)) {
      return false;
    }
    G2Point second = backend.multiply(G2Point.GENERATOR, Fr.of(5));
    G1Point left = backend.negate(backend.multiply(G1Point.GENERATOR, Fr.of(5)));
    return backend.pairingProductIsOne(
            List.of(left, G1Point.GENERATOR), List.of(G2Point.GENERATOR, second))
        && !backend.pairingProductIsOne(List.of(left, naive), List.of(G2Point.GENERATOR, second));
  }
}
