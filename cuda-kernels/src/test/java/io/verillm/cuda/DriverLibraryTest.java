package io.verillm.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.core.spi.AcceleratorException;
import io.verillm.core.spi.KernelProvider.Probe;
import io.verillm.core.spi.KernelSelection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DriverLibraryTest {
  @TempDir private Path folder;

  @Test
  void whyAbsent_noLibraryAndNoDevice_saysWhereItLooked() {
    assertThat(DriverLibrary.whyAbsent(List.of(folder), folder.resolve("control")))
        .hasValueSatisfying(why -> assertThat(why).contains("libcuda.so.1", folder.toString()));
  }

  @Test
  void whyAbsent_libraryOrDevicePresent_letsTheDriverDecide() throws Exception {
    Path control = Files.createFile(folder.resolve("control"));
    assertThat(DriverLibrary.whyAbsent(List.of(), control)).isEmpty();
    Files.createFile(folder.resolve("libcuda.so.1"));
    assertThat(DriverLibrary.whyAbsent(List.of(folder), folder.resolve("none"))).isEmpty();
  }

  @Test
  void probe_machineWithoutDriver_isAReasonAndTheSameOneAgain() {
    Assumptions.assumeTrue(DriverLibrary.whyAbsent().isPresent(), "there is a driver here");
    CudaKernelProvider provider = new CudaKernelProvider();
    Probe first = provider.probe();
    assertThat(first).isInstanceOf(Probe.Unusable.class);
    assertThat(((Probe.Unusable) first).why()).startsWith("no NVIDIA driver");
    assertThat(provider.probe()).isSameAs(first);
  }

  @Test
  void selection_machineWithoutDriver_refusesCudaAndFallsBackToJava() {
    Assumptions.assumeTrue(DriverLibrary.whyAbsent().isPresent(), "there is a driver here");
    KernelSelection selection = KernelSelection.load();
    assertThat(selection.names()).containsExactly("cuda", "java");
    assertThat(selection.automatic().name()).isEqualTo("java");
    assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> selection.require("cuda")))
        .isInstanceOf(AcceleratorException.class)
        .hasMessageContaining("no NVIDIA driver")
        .hasMessageContaining("java: usable");
  }
}
