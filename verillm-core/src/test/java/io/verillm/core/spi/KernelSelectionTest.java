package io.verillm.core.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.verillm.core.spi.KernelProvider.Probe;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class KernelSelectionTest {
  private record Named(String name) implements Kernels {
    @Override
    public ComparisonKernels comparison() {
      throw new UnsupportedOperationException();
    }

    @Override
    public CommitKernels commitment() {
      throw new UnsupportedOperationException();
    }

    @Override
    public ArithmeticKernels openArithmetic() {
      throw new UnsupportedOperationException();
    }
  }

  private record Fake(String name, int priority, Supplier<Probe> probing)
      implements KernelProvider {
    @Override
    public Probe probe() {
      return probing.get();
    }
  }

  private static KernelProvider usable(String name, int priority) {
    return new Fake(name, priority, () -> new Probe.Usable(new Named(name)));
  }

  private static KernelProvider unusable(String name, int priority, String why) {
    return new Fake(name, priority, () -> new Probe.Unusable(why));
  }

  @Test
  void load_coreAlone_findsJava() {
    KernelSelection selection = KernelSelection.load();
    assertThat(selection.names()).contains("java");
    assertThat(selection.require("java").name()).isEqualTo("java");
    try (ArithmeticKernels arithmetic = selection.require("java").openArithmetic()) {
      assertThat(arithmetic.name()).isEqualTo("java");
    }
  }

  @Test
  void probe_namedProvider_isItsReasonAndNobodyElses() {
    KernelSelection selection =
        KernelSelection.of(List.of(usable("java", 0), unusable("cuda", 9, "no driver")));
    assertThat(selection.probe("java")).isInstanceOf(Probe.Usable.class);
    assertThat(selection.probe("cuda")).isEqualTo(new Probe.Unusable("no driver"));
    assertThat(selection.probe("metal")).isInstanceOf(Probe.Unusable.class);
  }

  @Test
  void automatic_severalUsable_takesTheHighestPriorityThenTheName() {
    assertThat(
            KernelSelection.of(List.of(usable("a", 0), usable("c", 5), usable("b", 5)))
                .automatic()
                .name())
        .isEqualTo("b");
  }

  @Test
  void automatic_bestCannotRun_fallsBackAndSaysSoOnce() {
    List<String> said = new ArrayList<>();
    KernelSelection selection =
        KernelSelection.of(
            List.of(usable("java", 0), unusable("cuda", 10, "no driver")), said::add);
    assertThat(selection.automatic().name()).isEqualTo("java");
    assertThat(selection.automatic().name()).isEqualTo("java");
    assertThat(said).containsExactly("using kernels java; passed over: cuda: no driver");
    assertThat(selection.report()).isEqualTo("cuda: no driver; java: usable");
  }

  @Test
  void automatic_bestRuns_saysNothing() {
    List<String> said = new ArrayList<>();
    KernelSelection.of(List.of(usable("java", 0), usable("cuda", 1)), said::add).automatic();
    assertThat(said).isEmpty();
  }

  @Test
  void require_otherIsUsable_isObeyed() {
    KernelSelection selection = KernelSelection.of(List.of(usable("java", 0), usable("cuda", 9)));
    assertThat(selection.require("java").name()).isEqualTo("java");
  }

  @Test
  void require_cannotRunOrMissing_isRefusedWithAllReasons() {
    KernelSelection selection =
        KernelSelection.of(
            List.of(
                usable("java", 0),
                unusable("cuda", 10, "no driver"),
                unusable("metal", 10, "not a Mac")));
    for (String name : List.of("cuda", "rocm")) {
      assertThatExceptionOfType(AcceleratorException.class)
          .isThrownBy(() -> selection.require(name))
          .withMessageContaining(name)
          .withMessageContaining("cuda: no driver")
          .withMessageContaining("metal: not a Mac")
          .withMessageContaining("java: usable");
    }
  }

  @Test
  void automatic_nothingCanRun_isRefusedWithAllReasons() {
    assertThatExceptionOfType(AcceleratorException.class)
        .isThrownBy(() -> KernelSelection.of(List.of(unusable("x", 1, "because"))).automatic())
        .withMessageContaining("x: because");
    assertThatExceptionOfType(AcceleratorException.class)
        .isThrownBy(() -> KernelSelection.of(List.of()).automatic())
        .withMessageContaining("no provider was found");
  }

  @Test
  void automatic_probeThrows_isAReasonAndNotAnException() {
    KernelSelection selection =
        KernelSelection.of(
            List.of(
                usable("java", 0),
                new Fake(
                    "bad",
                    7,
                    () -> {
                      throw new UnsatisfiedLinkError("libx");
                    })));
    assertThat(selection.automatic().name()).isEqualTo("java");
    assertThat(selection.report()).contains("bad: its probe failed").contains("libx");
  }

  @Test
  void probe_manyCalls_runsOnce() {
    AtomicInteger probes = new AtomicInteger();
    KernelSelection selection =
        KernelSelection.of(
            List.of(
                new Fake(
                    "once",
                    1,
                    () -> {
                      probes.incrementAndGet();
                      return new Probe.Usable(new Named("once"));
                    })));
    selection.automatic();
    selection.require("once");
    selection.report();
    assertThat(probes).hasValue(1);
  }

  @Test
  void of_twoProvidersOfOneName_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KernelSelection.of(List.of(usable("a", 0), usable("a", 1))));
  }
}
