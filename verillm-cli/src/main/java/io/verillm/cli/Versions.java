package io.verillm.cli;

import picocli.CommandLine.IVersionProvider;

/** The command's version, from the jar's manifest. */
final class Versions implements IVersionProvider {
  static String verillm() {
    String version = Versions.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  @Override
  public String[] getVersion() {
    return new String[] {
      "verillm " + verillm(),
      "Java " + Runtime.version() + " (" + System.getProperty("os.arch") + ")"
    };
  }
}
