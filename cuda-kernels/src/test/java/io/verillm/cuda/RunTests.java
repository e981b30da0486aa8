package io.verillm.cuda;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.PrintWriter;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/**
 * Runs test classes of this package by name, on a host without a build. Ends with 0 only if tests
 * ran and none failed or was skipped.
 */
final class RunTests {
  private RunTests() {}

  public static void main(String[] names) {
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherDiscoveryRequestBuilder request = LauncherDiscoveryRequestBuilder.request();
    for (String name : names) {
      request.selectors(selectClass("io.verillm.cuda." + name));
    }
    LauncherDiscoveryRequest built = request.build();
    LauncherFactory.create().execute(built, listener);
    var summary = listener.getSummary();
    PrintWriter out = new PrintWriter(System.out, true);
    summary.printFailuresTo(out, 12);
    out.println(
        summary.getTestsSucceededCount()
            + " succeeded, "
            + summary.getTestsFailedCount()
            + " failed, "
            + (summary.getTestsAbortedCount() + summary.getTestsSkippedCount())
            + " skipped");
    boolean fine =
        summary.getTestsSucceededCount() > 0
            && summary.getTestsSucceededCount() == summary.getTestsFoundCount();
    System.exit(fine ? 0 : 1);
  }
}
