package io.verillm.cli.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;

/** The styles and scripts that a report carries inside. */
final class PageAssets {
  /** In the order in which they have to run. */
  static final List<String> CHART_SCRIPTS =
      List.of("vendor/vega.min.js", "vendor/vega-lite.min.js", "vendor/vega-embed.min.js");

  private PageAssets() {}

  /**
   * Returns a resource as text, without its pointer to a source map: a browser's developer tools
   * would go and ask for that file.
   */
  static String text(String name) {
    try (InputStream in = PageAssets.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(
            "the report resource " + name + " is not on the class path");
      }
      String all = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return all.replaceAll("(?m)^//# sourceMappingURL=.*$", "").replace("\r\n", "\n").strip();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the report resource " + name, e);
    }
  }

  /** Returns the content security policy source that admits exactly this script. */
  static String policySource(String script) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(hash) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
