package io.verillm.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where keys are and for which network they sign. */
final class KeyOption {
  @Option(
      names = "--keys",
      defaultValue = "verillm-keys",
      description = "folder with NAME.key files; missing keys are made; default ./verillm-keys")
  private Path keys;

  @Option(
      names = "--network",
      defaultValue = "demo",
      description = "network id that every signature covers; default demo")
  private String network;

  KeyFolder folder() {
    return new KeyFolder(keys);
  }

  String network() {
    return network;
  }

  /** The journal stays with the key: a key without its journal could sign twice. */
  Path journal(String name) throws IOException {
    Files.createDirectories(keys);
    return keys.resolve(name + ".journal");
  }
}
