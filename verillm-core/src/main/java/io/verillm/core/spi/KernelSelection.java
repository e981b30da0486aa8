package io.verillm.core.spi;

import io.verillm.core.spi.KernelProvider.Probe;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses kernels: by name, which is obeyed or refused, or automatically, which takes the usable
 * provider of highest priority and says once what it passed over. Each provider is probed at most
 * once. Thread-safe.
 */
public final class KernelSelection {
  private static final Logger LOG = LoggerFactory.getLogger(KernelSelection.class);

  private final Object lock = new Object();
  private final List<KernelProvider> providers;
  private final Map<String, Probe> probes = new LinkedHashMap<>();
  private final List<String> broken;
  private final Consumer<String> log;
  private boolean saidSo;

  private KernelSelection(
      List<KernelProvider> providers, List<String> broken, Consumer<String> log) {
    this.log = log;
    List<KernelProvider> sorted = new ArrayList<>(providers);
    sorted.sort(
        Comparator.comparingInt(KernelProvider::priority)
            .reversed()
            .thenComparing(KernelProvider::name));
    this.providers = List.copyOf(sorted);
    this.broken = List.copyOf(broken);
    if (sorted.stream().map(KernelProvider::name).distinct().count() != sorted.size()) {
      throw new IllegalArgumentException("two kernel providers have one name");
    }
  }

  /** Finds the providers on the class or module path. One that cannot be loaded is a reason. */
  public static KernelSelection load() {
    List<KernelProvider> found = new ArrayList<>();
    List<String> broken = new ArrayList<>();
    Iterator<KernelProvider> all =
        ServiceLoader.load(KernelProvider.class, KernelSelection.class.getClassLoader()).iterator();
    while (true) {
      try {
        if (!all.hasNext()) {
          return new KernelSelection(found, broken, LOG::warn);
        }
        found.add(all.next());
      } catch (ServiceConfigurationError | LinkageError e) {
        broken.add(String.valueOf(e.getMessage()));
      }
    }
  }

  /**
   * Chooses among given providers.
   *
   * @throws IllegalArgumentException if two have one name
   */
  public static KernelSelection of(List<KernelProvider> providers) {
    return of(providers, LOG::warn);
  }

  /** As {@link #of(List)} with another place for what is said once. */
  static KernelSelection of(List<KernelProvider> providers, Consumer<String> log) {
    return new KernelSelection(providers, List.of(), log);
  }

  /** Names by falling priority. */
  public List<String> names() {
    return providers.stream().map(KernelProvider::name).toList();
  }

  /**
   * Returns the kernels of one provider and of no other.
   *
   * @throws AcceleratorException if there is none of this name or it cannot run, with every
   *     provider's reason
   */
  public Kernels require(String name) {
    for (KernelProvider provider : providers) {
      if (provider.name().equals(name) && probe(provider) instanceof Probe.Usable usable) {
        return usable.kernels();
      }
    }
    throw new AcceleratorException("required kernels " + name + " cannot run; " + report());
  }

  /**
   * Returns the usable kernels of highest priority; the first call that passes one over logs why.
   *
   * @throws AcceleratorException if none can run, with every provider's reason
   */
  public Kernels automatic() {
    List<String> passedOver = new ArrayList<>(broken);
    for (KernelProvider provider : providers) {
      Probe probe = probe(provider);
      if (probe instanceof Probe.Usable usable) {
        sayOnce(provider.name(), passedOver);
        return usable.kernels();
      }
      passedOver.add(provider.name() + ": " + ((Probe.Unusable) probe).why());
    }
    throw new AcceleratorException("no kernels can run; " + report());
  }

  /** What the provider of this name found out about itself; a reason too if there is none. */
  public Probe probe(String name) {
    for (KernelProvider provider : providers) {
      if (provider.name().equals(name)) {
        return probe(provider);
      }
    }
    return new Probe.Unusable(
        "no provider of this name on the class path" + (broken.isEmpty() ? "" : "; " + broken));
  }

  /** For people: each provider with its state, probing those that were not yet. */
  public String report() {
    List<String> states = new ArrayList<>();
    for (KernelProvider provider : providers) {
      Probe probe = probe(provider);
      states.add(
          provider.name()
              + ": "
              + (probe instanceof Probe.Unusable unusable ? unusable.why() : "usable"));
    }
    states.addAll(broken);
    return states.isEmpty() ? "no provider was found" : String.join("; ", states);
  }

  private Probe probe(KernelProvider provider) {
    synchronized (lock) {
      return probes.computeIfAbsent(provider.name(), name -> probeNow(provider));
    }
  }

  private static Probe probeNow(KernelProvider provider) {
    try {
      return provider.probe();
    } catch (RuntimeException | LinkageError e) {
      // A provider's bug must not take the others down, and must not look like a verdict.
      LOG.debug("probe of kernels {} failed", provider.name(), e);
      return new Probe.Unusable("its probe failed: " + e);
    }
  }

  private void sayOnce(String chosen, List<String> passedOver) {
    synchronized (lock) {
      if (saidSo || passedOver.isEmpty()) {
        return;
      }
      saidSo = true;
    }
    log.accept("using kernels " + chosen + "; passed over: " + String.join("; ", passedOver));
  }
}
