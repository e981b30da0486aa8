package io.verillm.cli;

import io.verillm.core.wire.AtomicFile;
import io.verillm.core.wire.SigningKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * Signing keys as files: {@code NAME.key} holds 64 hexadecimal digits of an Ed25519 seed, readable
 * by its owner only.
 *
 * @param folder where the keys are
 */
record KeyFolder(Path folder) {
  /** Loads a key. */
  SigningKey load(String name) throws IOException {
    Path file = file(name);
    if (!Files.exists(file)) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT,
          "there is no key " + file,
          "give the folder that holds it with --keys");
    }
    try {
      return SigningKey.fromSeed(
          HexFormat.of().parseHex(Files.readString(file, StandardCharsets.US_ASCII).strip()));
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT,
          file + " does not hold 64 hexadecimal digits",
          "restore the key from its backup, or remove the file to get a new key");
    }
  }

  /** Loads a key, or makes one if there is none. */
  SigningKey loadOrCreate(String name) throws IOException {
    Path file = file(name);
    if (!Files.exists(file)) {
      Files.createDirectories(folder);
      byte[] seed = SigningKey.generate(new SecureRandom()).seed();
      AtomicFile.write(
          file, (HexFormat.of().formatHex(seed) + "\n").getBytes(StandardCharsets.US_ASCII));
      if (Files.getFileStore(file).supportsFileAttributeView("posix")) {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      }
    }
    return load(name);
  }

  private Path file(String name) {
    return folder.resolve(name + ".key");
  }
}
